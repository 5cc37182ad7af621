"""What workers and beat do: run jobs, sweep for what was missed, delete old logs."""
