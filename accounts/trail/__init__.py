"""The trail of administration: acts, who is told of them, and what only the trail can prove."""
