"""The collector's schema, revision by revision."""
