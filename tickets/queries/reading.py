"""Everything of one ticket that its page needs, read together with the caller: one trip for both."""

from datetime import datetime
from typing import Any

from accounts.fragments import Fragment
from accounts.models import User
from tickets.engine.loading import ROWS, Rows, unfolded
from tickets.models import Ticket
from tickets.queries.around import AROUND
from tickets.queries.visible import RUNS, SEES, require_seen

# The rows of `ticket`, with what runs below it.
OF_THIS = ROWS.replace("= ANY(%(tickets)s)", "= ticket.id")
OF_THIS = OF_THIS.replace("NOT %(whole)s", "true").replace("%(whole)s", "true")
# Nothing is read of a ticket that only its participants see.
READING = f"""
SELECT jsonb_build_object('around', {AROUND}, 'rows', ({OF_THIS}))
FROM tickets_ticket ticket WHERE ticket.number = %(number)s AND ({SEES} OR {RUNS})
"""  # noqa: S608 (constants only)


def reading(number: str, at: datetime) -> Fragment:
    """{around, rows}: the values of AROUND and of loading.ROWS; null for a ticket that is not there."""
    return Fragment(READING, {"number": number, "at": at})


def unpacked(user: User, found: dict[str, Any] | None) -> tuple[Ticket, Rows, dict[str, Any]]:
    """The ticket, its visits and tasks, and what is around it (queries.around). Raises NotFound."""
    around = require_seen(user, found and found["around"])
    ((_now, ticket, visits, tasks),) = unfolded((found or {})["rows"]).values()
    return ticket, (visits, tasks), around
