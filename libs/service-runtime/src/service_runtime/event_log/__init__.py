"""The event log: its port and two adapters."""
