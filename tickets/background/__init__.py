"""What beat and workers do: hand the outbox on, fire timers, look after what stands still."""
