"""Dry runs: predict what a plan would change, before it runs."""
