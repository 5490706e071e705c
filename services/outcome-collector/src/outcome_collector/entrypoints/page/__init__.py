"""The provider's page: for those who have only email. Every action is a plain form post; no script runs."""
