"""What people and the machine do to tickets: one verb per function, always lock, check, change, record, save."""
