"""How any service of ours runs: settings, database, event log, outbox, consumers, deliveries, web, tokens, logs."""
