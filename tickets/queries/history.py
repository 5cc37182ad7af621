"""Past tickets, to replay them with a new version of their template."""

from django.utils import timezone

from accounts.models import User
from accounts.organisation.people import person
from templates_engine.language.expressions import Facts
from templates_engine.ports import Past
from tickets.models import Ticket
from tickets.queries.visible import visible_tickets


def past_tickets(key: str, last: int, viewer: User | None) -> list[Past]:
    """The last `last` submitted tickets, newest first; see templates_engine.ports.History. One statement."""
    seen = Ticket.objects.all() if viewer is None else visible_tickets(viewer, timezone.now())
    handed_in = seen.filter(template_version__template__key=key, submitted_at__isnull=False, content__isnull=False)
    return [_past(ticket) for ticket in handed_in.select_related("content", "applicant").order_by("-id")[:last]]


def _past(ticket: Ticket) -> Past:
    content = ticket.content
    if content is None:
        raise ValueError("a ticket that was handed in has a content")
    facts = Facts(content.form, content.facts["applicant"], content.facts["ticket"])
    chosen = content.facts.get("chosen", {})
    return Past(ticket.number, facts, person(ticket.applicant), ticket.template_version_id, chosen)
