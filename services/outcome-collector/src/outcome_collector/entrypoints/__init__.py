"""What reaches the collector from outside: routes, pages, events."""
