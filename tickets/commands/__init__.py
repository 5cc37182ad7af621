"""Commands on tickets: one verb per function; each locks, checks, changes, records and saves."""
