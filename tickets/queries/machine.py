"""A plan as it will be executed, in full."""

from datetime import datetime

from accounts.models import User
from templates_engine.store.programs import load
from tickets.errors import NotFound
from tickets.ports import planner
from tickets.queries.detail import hidden_from
from tickets.queries.hidden import shown_plan
from tickets.queries.visible import get_visible


def machine_of(user: User, number: str, node: str, at: datetime) -> list[dict[str, str]]:
    """One plan of a ticket's own chain, in parts, without what is hidden from this person (I23).

    Raises NotFound if this person may not see the ticket, or there is no such plan.
    """
    ticket = get_visible(user, number, at)
    plan = ticket.content.plans.get(node) if ticket.content else None
    if plan is None:
        raise NotFound
    seen = shown_plan(dict(plan), load(ticket.template_version_id).node(node), hidden_from(user, ticket, at))
    return planner().machine(seen)
