"""A whole template document, checked."""
