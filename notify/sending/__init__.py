"""Sends deliveries: claims, rate limit, attempts, sweep."""
