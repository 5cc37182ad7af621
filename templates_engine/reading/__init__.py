"""Reads the YAML of templates, strictly, and checks shapes."""
