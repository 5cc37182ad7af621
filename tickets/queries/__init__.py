"""What does this person see? One question per function."""
