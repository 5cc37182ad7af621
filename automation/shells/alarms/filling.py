"""Fill the form of an alarm's ticket as the rule says. Values are data."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from automation.models.shell_alarm import ShellAlarm
from automation.values import visible
from templates_engine.fields import FIELD_TYPES
from templates_engine.parts import Field

WORDY = ("text", "textarea", "markdown")
FACTS = ("command", "host", "user", "source", "at", "session", "word", "all")
# The facts that can fill a field of each type.
FITS: dict[str, tuple[str, ...]] = dict.fromkeys(WORDY, FACTS) | {
    "hosts": ("host",), "datetime": ("at",), "date": ("at",),
}  # fmt: skip


def filled(form: dict[str, Any], fields: list[Field], alarm: ShellAlarm) -> dict[str, Any]:
    """The form data. Fields that the template no longer has are skipped; the form's check reports missing ones."""
    kinds = {field["key"]: field for field in fields}
    return {
        key: _value(kinds[key], source["from"], alarm) if "from" in source else source["value"]
        for key, source in form.items()
        if key in kinds
    }


def _value(field: Field, name: str, alarm: ShellAlarm) -> Any:
    kind = field["type"]
    if kind == "hosts":
        return [alarm.shell_host.name]
    if kind == "datetime":
        return timezone.localtime(alarm.at).isoformat(timespec="seconds")
    if kind == "date":
        return timezone.localdate(alarm.at).isoformat()
    text = visible(_said(alarm) if name == "all" else _fact(name, alarm))
    if kind == "text":
        text = " ".join(text.split())
    return cut(text, FIELD_TYPES[kind].value_schema(field).get("maxLength"))


def cut(text: str, most: int | None) -> str:
    """At most so many characters; the complete line is in the record of commands."""
    return text if most is None or len(text) <= most else text[: max(most - 1, 0)] + "…"


def _fact(name: str, alarm: ShellAlarm) -> str:
    return {
        "command": alarm.command,
        "host": alarm.shell_host.name,
        "user": alarm.user,
        "source": alarm.source,
        "at": f"{timezone.localtime(alarm.at):%Y-%m-%d %H:%M:%S %z}",
        "session": alarm.session,
        "word": alarm.pattern,
    }[name]


def _said(alarm: ShellAlarm) -> str:
    """All facts, one per line, in the active language."""
    labels = {
        "word": _("Words"), "host": _("Host"), "user": _("Log-in user"), "source": _("From address"),
        "at": _("Typed at"), "session": _("Session"), "command": _("Command"),
    }  # fmt: skip
    facts = ((label, _fact(name, alarm)) for name, label in labels.items())
    return "\n".join(f"{label}: {value}" for label, value in facts if value)
