"""Who is notified of which event."""
