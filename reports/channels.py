"""Sends a workbook by mail as an attachment or in WeCom as a file; if it is too large, sends a link instead."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.utils import translation
from django.utils.translation import gettext as _

from notify.channels.email import hand_over
from notify.channels.errors import ChannelError
from notify.channels.wecom import send_message, upload
from reports.models import Sending

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LARGEST = 20 * 1024 * 1024  # the limit of WeCom and of most mail servers
REPEATED_S = 4 * 3600


def message_id(sending: Sending) -> str:
    """The mail's Message-ID, the same for every attempt, so that a mail sent twice is shown once (F26)."""
    host = urlsplit(settings.BATON_URL).hostname or "localhost"
    return f"<baton.report.{sending.month}.{sending.pk}@{host}>"


def by_mail(sending: Sending, path: Path) -> str:
    """Send it by mail and return the Message-ID. Raises ChannelError."""
    recipient = sending.recipient
    try:
        validate_email(recipient.email)
    except ValidationError as error:
        raise ChannelError("the recipient has neither a valid mail address nor WeCom", permanent=True) from error
    with translation.override(recipient.language):
        mail = EmailMessage(
            subject=_("Ticket report, %(month)s") % {"month": sending.month},
            body=words(sending, path),
            to=[recipient.email],
            headers={"Message-ID": message_id(sending), "Auto-Submitted": "auto-generated"},
        )
    if _fits(path):
        mail.attach(path.name, path.read_bytes(), XLSX)
    hand_over(mail)
    return message_id(sending)


def in_wecom(sending: Sending, path: Path) -> str:
    """Send it in WeCom and return the message's id. Raises ChannelError."""
    envelope = {"touser": sending.recipient.wecom_userid, "agentid": settings.WECOM_AGENT_ID}
    if _fits(path):
        media_id = upload(path.name, path.read_bytes(), XLSX)
        body = {**envelope, "msgtype": "file", "file": {"media_id": media_id}}
    else:
        with translation.override(sending.recipient.language):
            body = {**envelope, "msgtype": "text", "text": {"content": words(sending, path)}}
    repeated = {"enable_duplicate_check": 1, "duplicate_check_interval": REPEATED_S}
    return str(send_message({**body, **repeated}).get("msgid", ""))


def words(sending: Sending, path: Path) -> str:
    """The message text, in the active language."""
    facts = {"month": sending.month, "url": f"{settings.BATON_URL}/reports/{sending.month}"}
    if _fits(path):
        return _("The workbook of %(month)s is attached. The figures: %(url)s") % facts
    return _("The workbook of %(month)s is too large to be sent. Download it here: %(url)s") % facts


def _fits(path: Path) -> bool:
    return path.stat().st_size <= LARGEST


# A channel sends one claimed workbook and returns a receipt, or raises ChannelError. No transaction is open.
CHANNELS: dict[str, Callable[[Sending, Path], str]] = {
    Sending.Channel.MAIL: by_mail,
    Sending.Channel.WECOM: in_wecom,
}
