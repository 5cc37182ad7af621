"""The workbook's texts for states and priorities."""

from tickets.models.ticket import Priority
from tickets.states import TicketState

STATES = dict(TicketState.choices)
PRIORITIES = dict(Priority.choices)


def state(value: str) -> str:
    """A ticket's state, in the active language."""
    return str(STATES.get(value, value))


def priority(value: str) -> str:
    """A ticket's priority, in the active language."""
    return str(PRIORITIES.get(value, value))
