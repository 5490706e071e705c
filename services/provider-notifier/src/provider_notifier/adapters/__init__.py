"""The notifier's tables, and its ways to the outside."""
