"""Texts of notifications, in the active language. Rendered when sent or read, never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Proxy, User
from notify.texts.changes import changed, consequences
from templates_engine.text import localize
from tickets import ports
from tickets.models import ApprovalTask, Event, Ticket
from tickets.states import TaskState, TicketState
from tickets.trail.events import Kind

# Kinds of events that people are notified of: those that ask for a decision, and those that move a task.
ASKING = frozenset({Kind.TASK_ASSIGNED, Kind.TICKET_REMINDED, Kind.TASK_APPROVED, Kind.PLAN_FORESEEN})
MOVING = frozenset({Kind.TASK_TRANSFERRED, Kind.TASK_REASSIGNED, Kind.TASK_ESCALATED})


@dataclass(frozen=True)
class Message:
    """Plain texts, not yet made safe for any output. facts: (label, value) pairs. url: the page to open."""

    heading: str
    facts: list[tuple[str, str]]
    url: str


def ticket_url(ticket: Ticket) -> str:
    """The ticket's page, for desktop and phone."""
    return f"{settings.BATON_URL}/tickets/{ticket.number}"


def card_url(ticket: Ticket, event: Event | None = None) -> str:
    """The same page opened from WeCom, through the silent login, so that the phone's owner is the one who acts.

    event: the event of the message that holds the link; it makes the URL unique.
    """
    news = {"news": event.seq} if event else {}
    query = urlencode({"inside": 1, **news, "next": f"/tickets/{ticket.number}"})
    return f"{settings.BATON_URL}/wecom/login?{query}"


def template_name(ticket: Ticket, language: str | None = None) -> str:
    """The name of the ticket's template in this language (default: the active one)."""
    version = ticket.template_version
    return localize(version.document.get("name") or version.template.key, language)


def asker(ticket: Ticket) -> str:
    """The applicant's name and department."""
    return f"{ticket.applicant.name} · {ticket.department.name}" if ticket.department else ticket.applicant.name


def compose(event: Event, recipient: User, most: int = 0) -> Message:
    """The message about this event for this person. most: characters of a changed value, 0 for no limit."""
    ticket = event.ticket
    facts = [
        (_("Ticket"), ticket.number),
        (_("Template"), template_name(ticket)),
        (_("Applicant"), asker(ticket)),
    ]
    if event.data.get("name"):
        facts.append((_("Step"), localize(event.data["name"])))
    if principals := acts_for(event, recipient):
        facts.append((_("You act for"), ", ".join(principals)))
    facts += _consequences(event)
    facts = [*changed(event, recipient, most), *consequences(event, recipient), *facts]
    if words := said(event):
        facts.append((who(event), words))
    return Message(heading(event, principals), facts, ticket_url(ticket))


def _consequences(event: Event) -> list[tuple[str, str]]:
    """The new assignees, if the task was moved; the sub-ticket and its state, if the event is about one."""
    if event.kind in MOVING:
        people = User.objects.filter(username__in=event.data["users"]).order_by("name")
        return [(_("Now with"), ", ".join(people.values_list("name", flat=True)))]
    if event.kind == Kind.SUBTICKET_ENDED:
        ended = Kind.SUBTICKET_ENDED.of(event)
        return [(_("Sub-ticket"), ended["child"]), (_("State"), str(TicketState(ended["state"]).label))]
    return []


def who(event: Event) -> str:
    """The actor's name; for an agent also the principal's, unless the sentence itself says it."""
    if event.actor is None:
        return _("System")
    if event.on_behalf_of is None or event.kind == Kind.TASK_LEFT:
        return event.actor.name
    return _("%(agent)s for %(principal)s") % {"agent": event.actor.name, "principal": event.on_behalf_of.name}


def heading(event: Event, principals: Sequence[str] = ()) -> str:
    """One sentence: what happened to which ticket. principals: names of those for whom the reader would act."""
    names = {"title": event.ticket.title, "actor": who(event)}
    sentence = _sentence(event) % names
    return _("For %(names)s: %(what)s") % {"names": ", ".join(principals), "what": sentence} if principals else sentence


def _sentence(event: Event) -> str:
    if event.kind == Kind.TASK_ASSIGNED and Kind.TASK_ASSIGNED.of(event).get("type") == "confirm":
        return _("Please confirm: %(title)s")
    if event.kind == Kind.TICKET_EDITED and Kind.TICKET_EDITED.of(event).get("voided"):
        return _("Changed by %(actor)s, please decide again: %(title)s")
    if event.kind == Kind.TASK_TIMED_OUT and Kind.TASK_TIMED_OUT.of(event)["action"] == "veto":
        return _("Refused, as nobody decided in time: %(title)s")
    if event.kind == Kind.PLAN_FORESEEN and "drift" in Kind.PLAN_FORESEEN.of(event):
        return _("Not run, because the predicted changes are different now; its approvers are asked again: %(title)s")
    sentences = {
        Kind.TASK_ASSIGNED: _("Please decide: %(title)s"),
        Kind.TICKET_REMINDED: _("Still waiting for you: %(title)s"),
        Kind.TICKET_RETURNED: _("Returned to you: %(title)s"),
        Kind.TICKET_VETOED: _("Refused: %(title)s"),
        Kind.TICKET_COMPLETED: _("Completed: %(title)s"),
        Kind.TICKET_FAILED: _("Execution failed: %(title)s"),
        Kind.TICKET_WITHDRAWN: _("Withdrawn, nothing left to do: %(title)s"),
        Kind.TICKET_COPIED: _("For your information: %(title)s"),
        Kind.TICKET_COMMENTED: _("%(actor)s commented: %(title)s"),
        Kind.TICKET_EDITED: _("Changed by %(actor)s: %(title)s"),
        Kind.TICKET_RESUBMITTED: _("Changed and submitted again by %(actor)s: %(title)s"),
        Kind.JOB_HANDED: _("Approved and to be done by hand: %(title)s"),
        Kind.EXECUTION_REFUSED: _("Alarm, not run because it is not what was approved: %(title)s"),
        Kind.TICKET_STUCK: _("Stuck, needs an administrator: %(title)s"),
        Kind.TASK_APPROVED: _("The signatures that you asked for are given, it is your turn: %(title)s"),
        Kind.PLAN_FORESEEN: _("Its dry run is done, please decide: %(title)s"),
        Kind.TASK_LEFT: _("Only you can sign, your proxy %(actor)s has signed for somebody else: %(title)s"),
        Kind.TASK_TRANSFERRED: _("Transferred for you: %(title)s"),
        Kind.TASK_SIGN_REMOVED: _("Your signature is no longer needed: %(title)s"),
        Kind.TASK_REASSIGNED: _("Reassigned to others: %(title)s"),
        Kind.TASK_ESCALATED: _("Overdue, escalated: %(title)s"),
        Kind.TASK_TIMED_OUT: _("Passed, as nobody decided in time: %(title)s"),
        Kind.SUBTICKET_ENDED: _("A sub-ticket was not completed: %(title)s"),
        Kind.WEBHOOK_FAILED: _("Another system could not be notified: %(title)s"),
    }
    return sentences.get(event.kind, "%(title)s")


def said(event: Event) -> str:
    """What the actor wrote, or why the system acted; empty if there is neither."""
    if event.kind == Kind.TICKET_FAILED:
        return ports.planner().ending(Kind.TICKET_FAILED.of(event)["reason"])
    for key in ("comment", "text", "reason", "problem"):
        if words := event.data.get(key):
            return localize(words)
    return ""


def news_text(event: Event, reader: User) -> str:
    """The text under a heading: what changed, and what was written."""
    told = [f"{label}: {value}" for label, value in (*changed(event, reader, 60), *consequences(event, reader))]
    return "\n".join([*told, *([said(event)] if said(event) else [])])


def acts_for(event: Event, recipient: User) -> list[str]:
    """Names of the principals whose turn it is and for whom this person may act; empty if it is their own turn."""
    if event.kind not in ASKING or "drift" in event.data:
        return []
    asked = _asked(event)
    if recipient.username in asked:
        return []
    held = Proxy.objects.active(event.at).covering(event.ticket.template_version.template.key)
    held = held.filter(agent=recipient, principal__username__in=asked).order_by("principal__name")
    return list(held.values_list("principal__name", flat=True).distinct())


def _asked(event: Event) -> list[str]:
    """Usernames of those whose turn it is by this event; after a signature, those who may have waited for it."""
    if event.kind in (Kind.TASK_APPROVED, Kind.PLAN_FORESEEN):
        waiting = ApprovalTask.objects.filter(ticket=event.ticket_id, state=TaskState.PENDING)
        return list(waiting.values_list("assignee__username", flat=True))
    seats = event.data["assignees"]
    return [seat["username"] if isinstance(seat, dict) else seat for seat in seats]
