"""Sends last month's workbook to those in BATON_REPORT_TO: claim, send, settle; at least once, with one key (I19)."""

import logging
import random
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from notify.channels.errors import ChannelError
from notify.channels.wecom_text import WECOM_TEXT
from notify.sending import pace
from notify.sending.deliver import MAX_ATTEMPTS, backoff
from reports.channels import CHANNELS
from reports.models import Sending
from reports.month import Month
from reports.recipients import channels_of, recipients

logger = logging.getLogger("baton.reports")

LEASE = timedelta(minutes=5)  # longer than sending a file of 20 MB takes
PUT_OFF = timedelta(minutes=1)

CLAIM = """
UPDATE reports_sending SET lease_until = %(until)s, attempts = attempts + 1
WHERE id = (
    SELECT id FROM reports_sending
    WHERE state IN ('queued', 'failed') AND due_at <= %(now)s AND (lease_until IS NULL OR lease_until <= %(now)s)
    ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


def plan(month: Month, at: datetime) -> int:
    """Create the missing rows of this month, one for each recipient and channel; return how many are new."""
    wanted = [
        Sending(month=str(month), recipient=person, channel=channel, created_at=at, due_at=at)
        for person in recipients()
        for channel in channels_of(person)
    ]
    before = Sending.objects.filter(month=str(month)).count()
    Sending.objects.bulk_create(wanted, ignore_conflicts=True)
    return Sending.objects.filter(month=str(month)).count() - before


def send_due(path_of: dict[str, Path]) -> None:
    """Send all that is due. path_of: {month: its workbook}; a month that is not in it is not sent any more."""
    while (sending := _claim(timezone.now())) is not None:
        _attempt(sending, path_of.get(sending.month))


def _claim(now: datetime) -> Sending | None:
    """Lease the next due row and count the attempt before it is made (F37); None if nothing is due."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM, {"now": now, "until": now + LEASE})
        row = cursor.fetchone()
    return Sending.objects.select_related("recipient").get(pk=row[0]) if row else None


def _attempt(sending: Sending, path: Path | None) -> None:
    try:
        receipt = _send(sending, path)
    except ChannelError as error:
        _settle_failed(sending, error)
    except Exception as error:
        logger.exception("report.bug", extra={"sending": sending.pk})
        _settle_failed(sending, ChannelError(f"bug: {type(error).__name__}"))
    else:
        sending.succeed(at=timezone.now(), receipt=receipt)
        sending.save()
        logger.info("report.sent", extra={"sending": sending.pk, "attempt": sending.attempts})


def _send(sending: Sending, path: Path | None) -> str:
    """Check that it may be sent, send it and return the receipt. Raises ChannelError."""
    if sending.attempts > MAX_ATTEMPTS:
        raise ChannelError("its workers did not survive it", permanent=True)
    if not sending.recipient.is_active:
        raise ChannelError("the recipient has been disabled", permanent=True)
    if path is None:
        raise ChannelError("a month that is long over is not sent any more", permanent=True)
    if sending.channel == Sending.Channel.WECOM and not _has_room(sending):
        raise ChannelError("the recipient has had as many messages as WeCom lets through")
    return CHANNELS[sending.channel](sending, path)


@transaction.atomic
def _has_room(sending: Sending) -> bool:
    """Whether WeCom accepts one more message to this recipient now (notify.sending.pace)."""
    return pace.take(sending.recipient_id, WECOM_TEXT.kind, sending.created_at, timezone.now())


def _settle_failed(sending: Sending, error: ChannelError) -> None:
    if error.permanent or sending.attempts >= MAX_ATTEMPTS:
        sending.give_up(error=str(error))
    else:
        retry = max(backoff(sending.attempts), PUT_OFF * random.uniform(0.75, 1.25))  # noqa: S311 (jitter)
        sending.fail(error=str(error), retry_at=timezone.now() + retry)
    sending.save()
    level = logging.ERROR if sending.state == "dead" else logging.WARNING
    logger.log(level, "report.unsent", extra={"sending": sending.pk, "error": str(error)})
