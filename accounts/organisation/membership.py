"""Disable and enable people. People are never deleted."""

import logging

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Session, User
from accounts.trail.acts import SYSTEM, Kind, Origin, record
from common.errors import DomainError

logger = logging.getLogger("baton.accounts")


class LastAdministrator(DomainError):
    """Without an active administrator nobody could enable people again."""

    code, status = "last_administrator", 409
    text = _("This is the last active administrator. Make somebody else one first.")


@transaction.atomic
def disable(user: User, *, by: User | None, has_left_wecom: bool = False, origin: Origin = SYSTEM) -> bool:
    """End this person's log-ins at once (F40); False if already disabled. by None: a command, or WeCom.

    Sessions are deleted; tokens and proxies have no effect until the person is enabled again. Raises LastAdministrator.
    """
    administrators = set(_active_administrators())
    row = User.objects.select_for_update().get(pk=user.pk)
    if not row.is_active:
        if row.has_left_wecom and not has_left_wecom:  # a manual disable overrides WeCom's
            _write(user, is_active=False, has_left_wecom=False)
        return False
    if administrators == {row.pk}:
        raise LastAdministrator
    _write(user, is_active=False, has_left_wecom=has_left_wecom)
    Session.objects.filter(user=user).delete()
    _record(Kind.PERSON_DISABLED, user, by, origin, has_left_wecom=has_left_wecom)
    logger.info("person.disabled", extra={"person": user.pk, "by": by.pk if by else None})
    return True


@transaction.atomic
def enable(user: User, *, by: User | None, origin: Origin = SYSTEM) -> bool:
    """Let this person log in and act again; False if not disabled. by None: a command, or WeCom."""
    row = User.objects.select_for_update().get(pk=user.pk)
    if row.is_active:
        return False
    _write(user, is_active=True, has_left_wecom=False)
    _record(Kind.PERSON_ENABLED, user, by, origin)
    logger.info("person.enabled", extra={"person": user.pk, "by": by.pk if by else None})
    return True


def _active_administrators() -> list[int]:
    """Ids of active administrators; the rows are locked, so that two cannot disable each other in parallel."""
    rows = User.objects.select_for_update().filter(is_admin=True, is_active=True)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _record(kind: Kind, user: User, by: User | None, origin: Origin, **data: object) -> None:
    facts = {"username": user.username, **data}
    record(kind, actor=by, origin=origin, at=timezone.now(), about=f"user:{user.pk}", person=user, data=facts)


def _write(user: User, *, is_active: bool, has_left_wecom: bool) -> None:
    user.is_active, user.has_left_wecom = is_active, has_left_wecom
    user.save(update_fields=["is_active", "has_left_wecom"])
