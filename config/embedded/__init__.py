"""The embedded default: a PostgreSQL and a Valkey that nobody has to install."""
