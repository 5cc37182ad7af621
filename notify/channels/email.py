"""Email: one message as plain text and HTML, in the recipient's language."""

import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from notify.channels.errors import ChannelError
from notify.models import Delivery
from notify.ports import Carries, Channel
from notify.texts.delivery_texts import number_of
from notify.texts.mail_content import write
from notify.texts.safe_text import fit

SUBJECT_MAX = 150


def message_id(delivery: Delivery) -> str:
    """The Message-ID, equal for all attempts, so that a mail sent twice is shown once (F26)."""
    host = urlsplit(settings.BATON_URL).hostname or "localhost"
    return f"<baton.{delivery.event_id or f'act{delivery.act_id}'}.{delivery.pk}@{host}>"


def build(delivery: Delivery) -> EmailMultiAlternatives:
    """Build the mail. Values stay data, whatever they contain (A28, A43, A45). Raises ChannelError."""
    recipient, number = delivery.person, number_of(delivery)
    try:
        validate_email(recipient.email)
    except ValidationError as error:
        raise ChannelError("the recipient has no valid mail address", permanent=True) from error
    with translation.override(recipient.language):
        mail = write(delivery)
        words = {
            "open": _("Open the ticket") if number else _("Open Baton"),
            "footer": _("This mail was sent by Baton. Answers to it are not read."),
        }
        context = {"mail": mail, "language": recipient.language, "words": words}
        text = render_to_string("notify/mail.txt", context)
        html = render_to_string("notify/mail.html", context)
    return EmailMultiAlternatives(
        subject=fit(f"[{number}] {mail.message.heading}" if number else mail.message.heading, SUBJECT_MAX),
        body=text,
        to=[recipient.email],
        headers={"Message-ID": message_id(delivery), "Auto-Submitted": "auto-generated"},
        alternatives=[(html, "text/html")],
    )


def send_email(delivery: Delivery) -> str:
    """Send through the configured backend; each answer may take EMAIL_TIMEOUT at most. Raises ChannelError."""
    hand_over(build(delivery))
    return message_id(delivery)


def hand_over(mail: EmailMessage) -> None:
    """Send one mail to the mail server. Raises ChannelError."""
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reason in error.recipients.values()]
        raise ChannelError(f"recipient refused: {codes}", permanent=all(c >= 500 for c in codes)) from error
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        raise ChannelError(f"mail refused: {error.smtp_code}", permanent=error.smtp_code >= 500) from error
    except (smtplib.SMTPException, OSError) as error:
        raise ChannelError(f"mail server: {type(error).__name__}", is_down=True) from error


EMAIL = Channel(kind="email", dependency="mail", send=send_email, carries=Carries.ALL, address="email")
