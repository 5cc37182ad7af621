"""From acts of administration to deliveries: a proxy's agent and its principal hear of it at once (I11).

Whoever begins to stand in for somebody gets the cards of what waits, as if he had been there when it came.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import AdminEvent, Proxy, User
from accounts.trail import Kind as Act
from notify import subscriber
from notify.audience import Hearer
from notify.models import Delivery
from tickets.events import Kind
from tickets.models import ApprovalTask, Event
from tickets.queries.lists import seats_of

INSERT = """
INSERT INTO notify_delivery (act_id, recipient_id, kind, address, state, created_at, due_at, sent_at, attempts,
                             last_error, receipt)
SELECT %(act)s, recipient_id, kind, '', CASE kind WHEN 'in_app' THEN 'sent' ELSE 'queued' END, %(now)s, %(now)s,
       CASE kind WHEN 'in_app' THEN %(now)s::timestamptz END, 0, '', ''
FROM unnest(%(users)s::bigint[], %(kinds)s::text[]) AS wanted (recipient_id, kind)
ON CONFLICT DO NOTHING
RETURNING id, kind
"""
TOLD = frozenset({Act.PROXY_GRANTED, Act.PROXY_CHANGED, Act.PROXY_BEGAN, Act.PROXY_ENDED})


def hear(act: AdminEvent) -> None:
    """Write a delivery for everyone who shall know of this act, and the cards of what the new agent may decide."""
    if act.kind not in TOLD:
        return
    now = timezone.now()
    wanted = [(user.pk, kind) for user in hearers(act) for kind in channels_of(user)]
    if wanted:
        users, kinds = (list(column) for column in zip(*wanted, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(INSERT, {"act": act.pk, "now": now, "users": users, "kinds": kinds})
            subscriber.wake([pk for pk, kind in cursor.fetchall() if kind != Delivery.Kind.IN_APP])
    if proxy := in_force(act, now):
        hand_over(proxy, now)


def hearers(act: AdminEvent) -> list[User]:
    """The agent, the agent before, and the principal; nobody hears of his own act, nor the principal that time came."""
    names = {act.data["agent"], (act.data.get("before") or {}).get("agent")}
    if act.kind != Act.PROXY_BEGAN:
        names.add(act.data["principal"])
    people = User.objects.filter(username__in=names - {None}, is_active=True).order_by("pk")
    return [user for user in people if user.pk != act.actor_id]


def channels_of(user: User) -> Iterable[str]:
    """Those on which this person can be reached."""
    yield Delivery.Kind.IN_APP
    if user.email:
        yield Delivery.Kind.EMAIL
    if user.wecom_userid and settings.WECOM_ENABLED:
        yield Delivery.Kind.WECOM_TEXT


def proxy_of(act: AdminEvent) -> Proxy | None:
    """The proxy that an act is about, as it is now."""
    kind, _colon, key = act.about.partition(":")
    if kind != "proxy" or not key.isdecimal():
        return None
    return Proxy.objects.select_related("principal", "agent").filter(pk=int(key)).first()


def in_force(act: AdminEvent, at: datetime) -> Proxy | None:
    """The proxy of this act, where it lets its agent act now."""
    proxy = proxy_of(act)
    return proxy if proxy is not None and Proxy.objects.active(at).filter(pk=proxy.pk).exists() else None


def waiting_for(proxy: Proxy) -> list[ApprovalTask]:
    """What waits for the principal and may be decided through this proxy, the oldest first."""
    tasks = ApprovalTask.objects.filter(seats_of(proxy.agent, [proxy]), state="pending", assignee=proxy.principal_id)
    return list(tasks.select_related("ticket", "visit", "assignee").order_by("pk"))


def hand_over(proxy: Proxy, now: datetime) -> None:
    """The agent gets a card of each task that waits, once: by the event that asked its principal."""
    if not (proxy.agent.wecom_userid and settings.WECOM_ENABLED):
        return
    tasks = {(t.ticket_id, t.visit.node, t.visit.round, t.assignee.username): t for t in waiting_for(proxy)}
    tickets = {key[0] for key in tasks}
    asking = Event.objects.filter(ticket__in=tickets, kind=Kind.TASK_ASSIGNED).order_by("seq")
    found = {}
    for event in asking:
        for seat in event.data["assignees"]:
            key = (event.ticket_id, event.data["node"], event.data["round"], seat["username"])
            if key in tasks:
                found[key] = Hearer(event, proxy.agent_id, tasks[key].pk)
    subscriber.give_cards(list(found.values()), now)
