"""The executor's own journal of what has begun, outside the database (I14, A32, F13)."""
