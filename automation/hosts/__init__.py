"""Who may target which hosts, the targets of a plan, and whether hosts answer."""
