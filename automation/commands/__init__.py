"""Commands on jobs, hosts, groups and sources: one verb a function."""
