"""What expressions and rules of a chain can read of a ticket."""

from collections.abc import Mapping
from typing import Any, cast

from accounts.organisation.people import Organisation, PersonFacts, person
from templates_engine.approvers import Circumstances
from templates_engine.language.expressions import Facts
from templates_engine.program.program import Program
from tickets.models import ContentVersion, Ticket


def content_facts(content: ContentVersion) -> Facts:
    """What expressions can read of a content version."""
    return Facts(content.form, content.facts["applicant"], content.facts["ticket"])


def circumstances(
    ticket: Ticket, program: Program, organisation: Organisation, content: ContentVersion | None = None
) -> Circumstances:
    """What the rules of a ticket's chain can read. content: used instead of the ticket's current content."""
    content = content or ticket.content
    known: Mapping[str, Any] = content.facts if content else {}
    return Circumstances(
        applicant=person(ticket.applicant),
        organisation=organisation,
        facts=content_facts(content) if content else Facts({}, cast(PersonFacts, {}), {}),  # nothing is known yet
        expressions=program.expressions,
        chosen=known.get("chosen", {}),
        barred=frozenset(content.editors if content else ()),
    )
