"""A service's own database on PostgreSQL or SQLite: connections, types, statements, migrations."""
