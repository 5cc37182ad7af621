"""What waits for whom: one text for lists, numbers and the ORM.

Each text begins behind FROM and ends in a condition. `u` is the person's row of accounts_user, %(at)s the moment.
"""

from datetime import datetime

from django.db.models.expressions import RawSQL

from accounts.models import User
from accounts.models.proxy import ACTIVE
from common.prepared import selected
from tickets.queries.standing_in import BARRED

# The tasks that a person may decide: their own, and as a proxy those of principals within each proxy's templates. See
# standing_in for what a proxy may not decide.
OWN = "tickets_approvaltask task WHERE task.assignee_id = u.id"
AS_PROXY = f"""accounts_proxy proxy
JOIN tickets_approvaltask task ON task.assignee_id = proxy.principal_id
JOIN tickets_nodevisit visit ON visit.id = task.visit_id
JOIN tickets_ticket ticket ON ticket.id = task.ticket_id
JOIN tickets_contentversion content ON content.id = ticket.content_id
JOIN templates_engine_templateversion version ON version.id = ticket.template_version_id
JOIN templates_engine_template template ON template.id = version.template_id
WHERE proxy.agent_id = u.id AND {ACTIVE}
  AND (proxy.templates IS NULL OR template.key = ANY(proxy.templates))
  AND NOT {BARRED.replace("%(user)s", "u.id")}"""
RETURNED = "tickets_ticket mine WHERE mine.applicant_id = u.id AND mine.state = 'returned'"
PRINCIPALS = f"SELECT proxy.principal_id FROM accounts_proxy proxy WHERE proxy.agent_id = u.id AND {ACTIVE}"  # noqa: S608


def seats_of(user: User, at: datetime, *, proxy: int | None = None) -> RawSQL:
    """The ids of the tasks that this person may decide, for the ORM. proxy: only those by this proxy."""
    text = f"SELECT task.id FROM {OWN} UNION ALL SELECT task.id FROM {AS_PROXY}"  # noqa: S608 (constants)
    if proxy is not None:
        text = f"SELECT task.id FROM {AS_PROXY} AND proxy.id = %(proxy)s"  # noqa: S608 (constants)
    return selected(text.replace("u.id", "%(user)s"), {"user": user.pk, "at": at, "proxy": proxy})
