"""Queries: what a person may see of tickets. One question per function."""
