"""The ways into the notifier: events and admin routes."""
