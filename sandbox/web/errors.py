class StartError(Exception):
    """A stand-in cannot start; the text is the one line that the person who started it needs."""
