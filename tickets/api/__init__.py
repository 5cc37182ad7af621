"""The API of tickets and tasks."""
