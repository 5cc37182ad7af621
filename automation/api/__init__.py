"""The API of jobs, actions, hosts, sources and credentials."""
