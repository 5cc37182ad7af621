"""State machines of tickets and approval tasks: which transitions are allowed."""

from tickets.states.approval_task import ApprovalTaskFlow, TaskState
from tickets.states.ticket import TicketFlow, TicketState

__all__ = ["ApprovalTaskFlow", "TaskState", "TicketFlow", "TicketState"]
