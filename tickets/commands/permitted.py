"""Check a verb on a whole ticket, by the same rules as the buttons of its page."""

from datetime import datetime

from accounts.models import User
from tickets.engine.walk import Walk
from tickets.errors import NotFound
from tickets.queries.visible import may_see
from tickets.rules.ticket_rights import RULES, Asked


def require(verb: str, asked: Asked, at: datetime) -> None:
    """Raise what ticket_rights says against it; NotFound if this person may not see the ticket."""
    if refused := RULES[verb](asked):
        raise refused if may_see(asked.user, asked.ticket, at) else NotFound


def asked_of(walk: Walk, actor: User, *, takes_part: bool = True) -> Asked:
    """The actor and the locked ticket. takes_part: needed for verbs that operators do not have."""
    return Asked(walk.ticket, actor, walk.visits, walk.tasks, takes_part=takes_part)
