"""A small Salt on this machine for demonstration and tests: a master, minions and salt-api with TLS."""
