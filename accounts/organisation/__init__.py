"""Today's people, departments and roles, and their import."""
