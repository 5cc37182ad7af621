"""What automation plugs into the ports of tickets: the planner, and the subscriber to its events."""
