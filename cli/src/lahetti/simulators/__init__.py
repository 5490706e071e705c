"""Counterparts that stand in for the outside world in the demo and the tests; they know no service."""
