"""Compiled templates: flat nodes, the way ahead, values placed into plans, diagrams."""
