"""The walk of a ticket through its chain: lock, load, enter nodes, save."""
