"""The boxes of the ticket list as SQL.

A box holds one or more kinds; each is cut on its own index first, so a page costs the same however much is in the box.
"""

from dataclasses import dataclass

from tickets.models import Participant
from tickets.queries.seats import AS_PROXY, OWN, RETURNED
from tickets.queries.visible import OWN_PARTS, PARTS_OF_OTHERS


@dataclass(frozen=True)
class Kind:
    """One way in which a ticket gets into a box. source: begins behind FROM, ends in a condition; ticket: the id of the
    ticket in it; row: its name of the ticket's own row, if it has one.
    """

    source: str
    ticket: str
    row: str = ""


PENDING = "AND task.state = 'pending'"
# Deciders stay participants and keep access; administrators who decided see it only while administrators.
DECIDED = f"""tickets_approvaltask task WHERE task.decided_by_id = u.id AND (
    u.is_admin OR (SELECT true FROM {OWN_PARTS} AND part.ticket_id = task.ticket_id LIMIT 1)
)"""  # noqa: S608 (constants only)
BOXES = {
    "todo": [
        Kind(f"{OWN} {PENDING}", "task.ticket_id"),
        Kind(f"{AS_PROXY} {PENDING}", "task.ticket_id", "ticket"),
        Kind(RETURNED, "mine.id", "mine"),
    ],
    "done": [Kind(DECIDED, "task.ticket_id")],
    "mine": [Kind("tickets_ticket mine WHERE mine.applicant_id = u.id", "mine.id", "mine")],
    "cc": [Kind(f"{OWN_PARTS} AND part.kind = 'cc'", "part.ticket_id")],
    # What visible.SEES says of one ticket.
    "all": [
        *(Kind(f"{OWN_PARTS} AND part.kind = '{kind}'", "part.ticket_id") for kind in Participant.Kind.values),
        Kind(f"{PARTS_OF_OTHERS} AND NOT u.is_admin", "part.ticket_id"),
        Kind("tickets_ticket every WHERE u.is_admin AND every.submitted_at IS NOT NULL", "every.id", "every"),
    ],
}
EVERYTHING = 2**63 - 1  # above every id


def named(box: str, condition: str, limit: int) -> str:
    """A query for the ids of the newest tickets of this box below %(after)s, each once, as many as `limit`.

    condition: over the row {0} of tickets_ticket, or empty.
    """
    kinds = " UNION ".join(f"({_cut(kind, condition, limit)})" for kind in BOXES[box])
    return f"SELECT id FROM ({kinds}) AS found ORDER BY id DESC LIMIT {limit:d}"  # noqa: S608 (constants and conditions)


def _cut(kind: Kind, condition: str, limit: int) -> str:
    wanted = ""
    if condition and kind.row:
        wanted = f"AND {condition.format(kind.row)}"
    elif condition:
        # Not EXISTS: PostgreSQL would look for such tickets first, and walk all of them.
        holds = f"SELECT {condition.format('wanted')} FROM tickets_ticket wanted WHERE wanted.id = {kind.ticket}"  # noqa: S608
        wanted = f"AND ({holds})"
    return (
        f"SELECT DISTINCT {kind.ticket} AS id FROM {kind.source} {wanted} "  # noqa: S608 (constants and conditions)
        f"AND {kind.ticket} < %(after)s ORDER BY {kind.ticket} DESC LIMIT {limit:d}"
    )
