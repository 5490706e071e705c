"""State, rules and decisions of the gateway; pure."""
