"""What is said to a provider, and to which of its addresses: pure."""
