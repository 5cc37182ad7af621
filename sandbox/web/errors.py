class StartError(Exception):
    """The sandbox cannot start; the text is one line for the person who started it."""
