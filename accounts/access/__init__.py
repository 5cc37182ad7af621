"""Who is asking: log-in, sessions, tokens, and limits against guessing and floods."""
