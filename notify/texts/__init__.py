"""What a message says to one reader, in the active language."""
