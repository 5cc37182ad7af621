"""List rules and alarms."""

from typing import Any

from django.db.models import Count, QuerySet

from automation.errors import NoSuchWord
from automation.models.shell_alarm import ShellAlarm, ShellWord
from automation.shells.alarms.rule_check import standing
from automation.shells.alarms.rules import values_of


def words(word_id: int | None = None) -> list[dict[str, Any]]:
    """Every rule by its words, or one, with the number of its alarms, and what would fail with it today."""
    rows = ShellWord.objects.select_related("group", "applicant").annotate(count=Count("alarms"))
    rows = rows.order_by("pattern", "pk") if word_id is None else rows.filter(pk=word_id)
    return [_rule(row) for row in rows]


def _rule(row: Any) -> dict[str, Any]:
    """row: a rule annotated with `count`."""
    problem, detail = standing(row)
    more = {"alarms": row.count, "problem": problem, "detail": detail, "updated_at": row.updated_at}
    return {"id": row.pk, **values_of(row), **more}


def one(word_id: int) -> dict[str, Any]:
    """One rule. Raises NoSuchWord."""
    found = words(word_id)
    if not found:
        raise NoSuchWord
    return found[0]


def alarms(*, host: str | None = None, word: int | None = None) -> QuerySet[ShellAlarm]:
    """Alarms, newest first. host: a host's name. word: the id of a rule."""
    rows = ShellAlarm.objects.select_related("shell_host", "ticket").order_by("-pk")
    wanted = {"shell_host__name": host, "word": word}
    return rows.filter(**{name: value for name, value in wanted.items() if value})


def shown(alarm: ShellAlarm) -> dict[str, Any]:
    """One alarm as the API shows it."""
    names = ("pattern", "session", "user", "source", "at", "command", "raised_at", "hits", "last_at", "problem")
    return {
        "id": alarm.pk,
        "word": alarm.word_id,
        "host": alarm.shell_host.name,
        **{name: getattr(alarm, name) for name in names},
        "ticket": alarm.ticket.number if alarm.ticket else None,
        "detail": alarm.detail or "",
        "settled": alarm.settled_at is not None,
    }
