"""The databases, record systems and services that the collector talks to."""
