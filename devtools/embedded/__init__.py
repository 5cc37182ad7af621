"""A whole Baton on one machine, for `make run` and tests: embedded PostgreSQL and Valkey, all parts, their watchdog."""
