"""How any service of ours runs: settings, database, events, consumers, deliveries, web, tokens, logs."""
