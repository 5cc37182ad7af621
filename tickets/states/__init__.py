"""The small state machines: can it go from A to B?"""

from tickets.states.approval_task import ApprovalTaskFlow, TaskState
from tickets.states.ticket import TicketFlow, TicketState

__all__ = ["ApprovalTaskFlow", "TaskState", "TicketFlow", "TicketState"]
