"""The gateway's fixtures, for this folder."""

from support.gateway import gateway, gateway_database, migrated_file, migrated_postgres

__all__ = ["gateway", "gateway_database", "migrated_file", "migrated_postgres"]
