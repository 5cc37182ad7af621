"""What a proxy is worth: judged by the trail of what was done to it, not by its row (I11, A13, A32).

Whoever made or changed a proxy for somebody else never acts through it: an administrator cannot lend himself a
colleague's signature, not even by pointing a proxy at himself and back. A row that differs from its trail, or has
none, was not written by us and lets nobody act.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypedDict

from django.db.models import OuterRef, Subquery

from accounts.models import AdminEvent, Proxy, User
from accounts.trail import Kind, body_of
from config.chain import is_linked

logger = logging.getLogger("baton.proxies")
FACTS = ("principal", "agent", "starts_at", "ends_at", "templates", "reason", "revoked_at")


class Standing(TypedDict):
    """What an event of a ticket keeps of the proxy that somebody acted through.

    id: the proxy's. made_by: the usernames of those who made and changed it. act, hash: its newest act in the trail.
    """

    id: int
    made_by: list[str]
    act: int
    hash: str


def facts(proxy: Proxy) -> dict[str, Any]:
    """What the trail keeps of a proxy, as plain JSON."""
    return {
        "principal": proxy.principal.username,
        "agent": proxy.agent.username,
        "starts_at": _moment(proxy.starts_at),
        "ends_at": _moment(proxy.ends_at),
        "templates": proxy.templates,
        "reason": proxy.reason,
        "revoked_at": _moment(proxy.revoked_at),
    }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def standing(agent: User, principal: User, template: str, at: datetime) -> Standing | None:
    """The proxy by which this agent may act for this principal at `at` on tickets of this template; None for none."""
    held = Proxy.objects.active(at).covering(template).filter(agent=agent, principal=principal)
    for proxy in held.select_related("principal", "agent").order_by("pk"):
        acts = acts_of(proxy)
        if is_sound(proxy, acts):
            made_by = list(dict.fromkeys(act.actor.username for act in acts if act.actor))
            return Standing(id=proxy.pk, made_by=made_by, act=acts[-1].seq, hash=acts[-1].hash)
        logger.error("proxy.not_sound", extra={"proxy": proxy.pk})
    return None


def acts_of(proxy: Proxy) -> list[AdminEvent]:
    """What was done to this proxy, oldest first; `previous` is the hash of the act before each, whatever it was of."""
    before = AdminEvent.objects.filter(seq=OuterRef("seq") - 1).values("hash")
    acts = AdminEvent.objects.filter(about=proxy.about).select_related("actor").order_by("seq")
    return list(acts.annotate(previous=Subquery(before)))


def is_sound(proxy: Proxy, acts: Sequence[AdminEvent]) -> bool:
    """Whether the trail says exactly what the row says, and nobody but us wrote it; and the agent had no hand in it."""
    if not acts or acts[0].kind != Kind.PROXY_GRANTED:
        return False
    if any(act.actor_id == proxy.agent_id for act in acts):
        return False
    return all(_is_ours(act) for act in acts) and facts_told(acts[-1]) == facts(proxy)


def facts_told(act: AdminEvent) -> dict[str, Any]:
    """The proxy as this act left it."""
    return {key: act.data.get(key) for key in FACTS}


def _is_ours(act: Any) -> bool:
    previous = act.previous if act.seq > 1 else ""
    return previous is not None and is_linked(body_of(act), previous, act.hash)
