"""Alarms of recorded shells: who is notified, and what the message says. The typed line is never quoted."""

from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AdminEvent, User
from accounts.permissions import may_read_records
from notify.acts.notice import Notice
from templates_engine.fields.moment import moment_in_words
from tickets.models import Ticket
from tickets.queries.visible import may_see

PROBLEMS: dict[str, str | Promise] = {
    "capped": gettext_lazy(
        "This rule matched too often within an hour. Further matches are listed without a notification."
    ),
    "applicant_gone": gettext_lazy("No ticket was opened: the account of its applicant is disabled."),
    "no_such_template": gettext_lazy(
        "No ticket was opened: its template is no longer published, or its applicant may not use it."
    ),
    "rule_forged": gettext_lazy("No ticket was opened: the rule differs from what an administrator saved."),
    "nobody_told": gettext_lazy("None of the people that the rule names is active."),
    "broken": gettext_lazy(
        "No ticket was opened because of an internal error. An administrator finds the reason in the log."
    ),
}


def recipients(act: AdminEvent) -> list[User]:
    """The active users that the act names."""
    return list(User.objects.filter(username__in=act.data["told"], is_active=True).order_by("pk"))


def heading(act: AdminEvent, _reader: User) -> str:
    """One sentence: what was typed, on which host, by whom."""
    if act.data["problem"] == "capped":
        return _("Too many alarms: “%(pattern)s” on %(host)s") % act.data
    return _("Alarm: %(user)s typed “%(pattern)s” on %(host)s") % act.data


def facts(act: AdminEvent, _reader: User) -> list[tuple[str, str]]:
    """Host, login user, address, time, pattern; the ticket, or why there is none."""
    data = act.data
    told = [
        (_("Host"), data["host"]),
        (_("Log-in user"), data["user"]),
        (_("From address"), data["source"]),
        (_("Typed at"), moment_in_words(datetime.fromisoformat(data["at"]))),
        (_("Words"), data["pattern"]),
        (_("Ticket"), data["ticket"] or ""),
        (_("Opened on behalf of"), data["applicant"] or ""),
        (_("Problem"), problem(act)),
    ]
    return [(label, value) for label, value in told if value]


def problem(act: AdminEvent) -> str:
    """What went wrong with the alarm; "" if nothing did."""
    code, detail = act.data["problem"], act.data["detail"]
    if not code or code in PROBLEMS:
        return str(PROBLEMS.get(code, ""))
    return _("No ticket was opened: %(why)s") % {"why": detail or code}


def path(act: AdminEvent, reader: User) -> str:
    """The ticket's page if the reader may see it, else the list of alarms if they may read it, else the home page."""
    ticket = Ticket.objects.filter(number=act.data["ticket"]).first() if act.data["ticket"] else None
    if ticket is not None and may_see(reader, ticket, timezone.now()):
        return f"/tickets/{ticket.number}"
    return "/admin/shells/alarms" if may_read_records(reader) else "/"


NOTICE = Notice(recipients=recipients, heading=heading, facts=facts, text=problem, path=path)
