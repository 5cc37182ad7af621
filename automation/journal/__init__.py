"""The executor's own journal of runs that have begun, outside the database (I14, A32, F13)."""
