"""What a card shows once its buttons no longer work: who decided, when, and how."""

from datetime import datetime

from django.utils import timezone

from notify.models import Card
from notify.texts.safe_text import fit
from notify.wecom import words
from templates_engine.text import localize
from tickets.models import ApprovalTask

NAME_MAX, TEXT_MAX = 16, 60
DECIDED = ("approved", "confirmed", "returned", "vetoed")
SETTLED = (*DECIDED, "transferred")


def outcome_text(card: Card) -> str:
    """One line in the holder's language, from the current rows."""
    language = card.user.language
    task = card.task
    if task.state == "pending":
        text = words.REFUSED.get(card.refusal, words.REFUSED_OTHERWISE) if card.refusal else words.WORKING
        return localize(text, language)
    settled = task if task.state in SETTLED else _decided_instead(task)
    if settled is None:
        state = "withdrawn" if task.ticket.state == "withdrawn" else "cancelled"
        return localize(words.TRUTH[state], language)
    line = localize(words.TRUTH[settled.state], language)
    return fit(line.format(who=_who(settled, language), when=_when(settled.decided_at)), TEXT_MAX)


def _decided_instead(task: ApprovalTask) -> ApprovalTask | None:
    """The decision of the same visit that made this task unnecessary."""
    others = ApprovalTask.objects.select_related("decided_by", "on_behalf_of")
    return others.filter(visit=task.visit_id, state__in=DECIDED).order_by("-decided_at", "-pk").first()


def _who(task: ApprovalTask, language: str) -> str:
    if task.decided_by is None:
        return localize(words.SYSTEM, language)
    agent = fit(task.decided_by.name, NAME_MAX)
    if task.on_behalf_of is None:
        return agent
    return localize(words.PROXY, language).format(agent=agent, principal=fit(task.on_behalf_of.name, NAME_MAX))


def _when(at: datetime | None) -> str:
    """14:09 today, 11-20 14:09 on another day; in the company's time zone."""
    if at is None:
        return "?"
    local, today = timezone.localtime(at), timezone.localdate()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%m-%d %H:%M}"
