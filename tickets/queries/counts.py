"""How much work waits for a person: the numbers in the menu."""

from datetime import datetime
from typing import Any

from accounts.fragments import Fragment, read
from accounts.models import User
from tickets.models.participant import STANDING
from tickets.queries.my_turn import COUNT

COUNTS = f"""jsonb_build_object(
    'todo', {COUNT},
    'mine', (SELECT count(*) FROM tickets_ticket WHERE applicant_id = u.id AND finished_at IS NULL),
    'cc', (
        SELECT count(*) FROM tickets_participant part
        WHERE part.user_id = u.id AND part.kind = 'cc' AND part.seen_at IS NULL AND {STANDING}
    )
)"""  # noqa: S608 (a constant is put in)


def counts(user: User, at: datetime) -> dict[str, Any]:
    """{todo, mine, cc}: tickets waiting for me (to decide, or returned to me), my open tickets, and copies I have not
    opened. One statement.
    """
    return read(Fragment(COUNTS, {"at": at}), user)
