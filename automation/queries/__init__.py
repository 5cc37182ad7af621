"""Queries: what a person may see of jobs, logs, hosts and actions."""
