"""The API of notifications and deliveries."""
