"""The API of the reports."""
