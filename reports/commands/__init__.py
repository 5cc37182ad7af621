"""What the reports can be asked to do."""
