"""Write the daily anchor, and mail it if configured."""

import logging
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.audit import anchors
from tickets.audit.anchors import Anchor

logger = logging.getLogger("baton.tickets")


def anchor_today(now: datetime) -> Path | None:
    """Write an anchor unless there is one of today; returns the new file. The folder is the only record.

    Raises OSError and errors of sending mail; the next hour tries again.
    """
    today = timezone.localdate(now)
    if any(day == today for day, _path in anchors.kept()):
        return None
    anchor = anchors.make()
    if anchor is None:
        return None
    if settings.ANCHOR_MAIL:
        mail(anchor)
    path = anchors.keep(anchor)
    logger.info("anchor.kept", extra={"checkpoint": anchor["checkpoint"], "file": path.name})
    return path


def mail(anchor: Anchor) -> int:
    """Mail the anchor to every administrator with an address; returns how many."""
    name = f"anchor-{anchor['checkpoint']:08}.json"
    people = User.objects.filter(is_admin=True, is_active=True).exclude(email="").order_by("pk")
    for person in people:
        with translation.override(person.language):
            subject = _("Baton: the end of the audit trail, %(at)s") % {"at": anchor["at"]}
            body = _(
                "Keep this mail. The attached file can prove later that nothing was removed from the audit trail: "
                "./manage.py audit verify --since FILE. Nothing needs to be done now."
            )
        message = EmailMessage(subject, body, to=[person.email], headers={"Auto-Submitted": "auto-generated"})
        message.attach(name, anchors.text_of(anchor), "application/json")
        message.send()
    return len(people)
