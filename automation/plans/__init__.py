"""How a plan is made, and what approvers see of it."""
