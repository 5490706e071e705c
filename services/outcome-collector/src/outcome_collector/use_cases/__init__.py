"""What the collector does, one verb a file."""
