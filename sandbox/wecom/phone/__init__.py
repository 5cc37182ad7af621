"""The phones of the corp's members."""
