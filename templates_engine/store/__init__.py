"""Versions of templates in the database: import, publish, find."""
