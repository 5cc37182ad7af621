"""Settle an alarm: open its ticket and tell people, once. In a flood of alarms, people are told only once."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.trail.acts import SYSTEM, Kind, record
from automation.errors import NoSuchWord
from automation.models.shell_alarm import ShellAlarm, ShellWord
from automation.shells.alarms import rule_recipients
from automation.shells.alarms.filling import filled
from automation.shells.alarms.rules import is_sound, locked
from common.errors import DomainError
from templates_engine.errors import NoSuchTemplate
from templates_engine.store.queries import usable_template
from tickets.commands.submit import create

logger = logging.getLogger("baton.shells")

# Limits per hour: alarms of one rule on one host, and of one rule. Alarms above a limit are only listed.
PER_HOST, PER_RULE, HOUR = 5, 20, timedelta(hours=1)
TRIES, BATCH, DETAIL_MAX, TITLE_MAX = 3, 200, 500, 200
CAPPED = "capped"


def settle_waiting() -> int:
    """Settle waiting alarms, oldest first; return how many. It may be called any number of times, from anywhere."""
    waiting = ShellAlarm.objects.filter(settled_at__isnull=True).order_by("pk")
    return sum(settle(pk) for pk in list(waiting.values_list("pk", flat=True)[:BATCH]))


def settle(alarm_id: int) -> bool:
    """Whether this alarm was settled now. After an internal error it is tried again at the next call."""
    try:
        return _settle(alarm_id, timezone.now())
    except Exception:
        logger.exception("shells.alarm_not_settled", extra={"alarm": alarm_id})
        return False


@transaction.atomic
def _settle(alarm_id: int, at: datetime) -> bool:
    """Lock the rule first, then the alarm: so alarms of one rule are counted one after the other."""
    word = _rule_of(alarm_id)
    rows = ShellAlarm.objects.select_for_update(skip_locked=True, of=("self",)).select_related("shell_host")
    alarm = rows.filter(pk=alarm_id, settled_at__isnull=True).first()
    if alarm is None:
        return False
    alarm.settled_at = at
    if word is None:
        alarm.problem = "rule_removed"
    elif _is_flood(alarm, at):
        alarm.problem = CAPPED
        if not _of_this_hour(alarm, at).filter(problem=CAPPED).exists():
            _tell(alarm, word, at)
    else:
        if not is_sound(word):
            alarm.problem = "rule_forged"
        elif word.template and not _open_ticket(alarm, word, at):
            return False
        _tell(alarm, word, at)
    alarm.save()
    return True


def _rule_of(alarm_id: int) -> ShellWord | None:
    """Its rule, locked; None if it was removed."""
    rule_id = ShellAlarm.objects.values_list("word", flat=True).filter(pk=alarm_id).first()
    try:
        return locked(rule_id) if rule_id is not None else None
    except NoSuchWord:
        return None


def _of_this_hour(alarm: ShellAlarm, at: datetime) -> QuerySet[ShellAlarm]:
    return ShellAlarm.objects.filter(word=alarm.word_id, settled_at__gt=at - HOUR)


def _is_flood(alarm: ShellAlarm, at: datetime) -> bool:
    """Whether this rule has reached its limit for the hour; one host alone cannot use up the limit of the rule."""
    told = _of_this_hour(alarm, at).exclude(problem=CAPPED)
    return told.filter(shell_host=alarm.shell_host_id).count() >= PER_HOST or told.count() >= PER_RULE


def _open_ticket(alarm: ShellAlarm, word: ShellWord, at: datetime) -> bool:
    """Submit the ticket for its applicant, or record on the alarm why it cannot be; False: try again later."""
    applicant = word.applicant
    if applicant is None or not applicant.is_active:
        alarm.problem = "applicant_gone"
        return True
    try:
        with transaction.atomic(), translation.override(applicant.language):
            fields = usable_template(applicant, word.template).document["form"]
            title = _("Alarm: %(words)s on %(host)s") % {"words": word.pattern, "host": alarm.shell_host.name}
            alarm.ticket = create(
                template=word.template, form=filled(word.form, fields, alarm), actor=applicant, at=at,
                title=title[:TITLE_MAX], by_rule=word.about,
            )  # fmt: skip
    except NoSuchTemplate as error:
        alarm.problem, alarm.detail = "no_such_template", error.detail
    except DomainError as error:
        alarm.problem, alarm.detail = f"{error.code}"[:32], _detail(error)
    except Exception:
        logger.exception("shells.ticket_not_opened", extra={"alarm": alarm.pk, "attempt": alarm.attempts + 1})
        alarm.attempts += 1
        if alarm.attempts < TRIES:
            ShellAlarm.objects.filter(pk=alarm.pk).update(attempts=alarm.attempts)
            return False
        alarm.problem = "broken"
    return True


def _detail(error: DomainError) -> str:
    """The messages of the form's check, each with its field."""
    said = [f"{one['path']}: {one['message']}" for one in error.errors or []] or [error.detail]
    return "\n".join(said)[:DETAIL_MAX]


def _tell(alarm: ShellAlarm, word: ShellWord, at: datetime) -> None:
    """Record the recipients: those the rule names, the ticket's applicant, and after a failure the administrators."""
    recipients = (
        {user.username for user in rule_recipients.recipients(word.tell)} if alarm.problem != "rule_forged" else set()
    )
    if not recipients and word.tell and not alarm.problem:
        alarm.problem = "nobody_told"
    applicant = word.applicant if alarm.ticket else None
    if applicant:
        recipients.add(applicant.username)
    if alarm.problem:
        recipients |= set(User.objects.filter(is_admin=True, is_active=True).values_list("username", flat=True))
    if not recipients:
        return
    data = {
        "word": word.pk,
        "pattern": alarm.pattern,
        "host": alarm.shell_host.name,
        "user": alarm.user,
        "source": alarm.source,
        "at": alarm.at,
        "ticket": alarm.ticket.number if alarm.ticket else None,
        "applicant": applicant.username if applicant else None,
        "problem": alarm.problem,
        "detail": alarm.detail,
        "told": sorted(recipients),
    }
    record(Kind.SHELL_ALARM, actor=None, origin=SYSTEM, at=at, about=alarm.about, person=applicant, data=data)
