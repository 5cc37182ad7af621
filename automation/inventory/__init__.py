"""Files of hosts, read and written: nothing in them is evaluated."""
