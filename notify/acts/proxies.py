"""Messages about proxies: the agent and the principal are notified at once (I11).

An agent whose proxy begins also gets the cards of the tasks that already wait.
"""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from accounts.models import AdminEvent, Proxy, User
from accounts.trail.acts import Kind as Act
from notify.acts import proxy_words
from notify.acts.act_proxy import in_force, proxy_of, waiting_for
from notify.acts.notice import Notice
from notify.recipients import subscriber
from notify.recipients.by_event import Recipient
from tickets.models import Event
from tickets.trail.events import Kind


def recipients(act: AdminEvent) -> list[User]:
    """The agent, the agent before, and the principal, without the actor. PROXY_BEGAN is not sent to the principal."""
    names = {act.data["agent"], (act.data.get("before") or {}).get("agent")}
    if act.kind != Act.PROXY_BEGAN:
        names.add(act.data["principal"])
    people = User.objects.filter(username__in=names - {None}, is_active=True).order_by("pk")
    return [user for user in people if user.pk != act.actor_id]


def is_undone(act: AdminEvent, person: User) -> bool:
    """Whether the message would tell a person of a proxy that they no longer hold."""
    if act.kind == Act.PROXY_ENDED or person.username != act.data["agent"]:
        return False
    proxy = proxy_of(act)
    if proxy is None or proxy.agent_id != person.pk:
        return True
    return proxy.revoked_at is not None or proxy.ends_at <= timezone.now()


def hand_over(act: AdminEvent, now: datetime) -> None:
    """Send the agent one card for each waiting task. Each card belongs to the event that asked the principal."""
    proxy = in_force(act, now)
    if proxy is not None and proxy.agent.wecom_userid and settings.WECOM_ENABLED:
        _give_cards(proxy, now)


def _give_cards(proxy: Proxy, now: datetime) -> None:
    tasks = {(t.ticket_id, t.visit.node, t.visit.round, t.assignee.username): t for t in waiting_for(proxy, now)}
    tickets = {key[0] for key in tasks}
    asking = Event.objects.filter(ticket__in=tickets, kind=Kind.TASK_ASSIGNED).order_by("seq")
    found = {}
    for event in asking:
        said = Kind.TASK_ASSIGNED.of(event)
        for seat in said["assignees"]:
            key = (event.ticket_id, said["node"], said["round"], seat["username"])
            if key in tasks:
                found[key] = Recipient(event, proxy.agent_id, tasks[key].pk)
    subscriber.give_cards(list(found.values()), now)


def _reason(act: AdminEvent) -> str:
    return act.data["reason"]


def _todo(_act: AdminEvent, _reader: User) -> str:
    """The list of waiting tasks."""
    return "/lists/todo"


NOTICE = Notice(
    recipients=recipients, heading=proxy_words.heading, facts=proxy_words.facts, text=_reason, path=_todo,
    is_over=is_undone, also=hand_over,
)  # fmt: skip
