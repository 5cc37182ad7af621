"""What people do with accounts."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from accounts.errors import NoSuchThing, Refused
from accounts.models import ApiToken, Proxy, User
from accounts.models.token import digest, new_secret


def create_token(*, user: User, name: str, expires_at: datetime | None) -> tuple[ApiToken, str]:
    """A new token and its secret, which nobody can read again."""
    secret = new_secret()
    return ApiToken.objects.create(user=user, name=name, digest=digest(secret), expires_at=expires_at), secret


def _invalid(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: [ErrorDetail(message, code=code)]})


@transaction.atomic
def grant_proxy(
    *,
    actor: User,
    principal: str | None,
    agent: str,
    starts_at: datetime,
    ends_at: datetime,
    templates: list[str] | None,
    reason: str,
    at: datetime,
) -> Proxy:
    """Let `agent` decide for `principal` (default: the actor). Only the principal or an administrator grants (I11).

    Raises Refused, ValidationError: an unknown person, a window that ends before it begins or is already over.
    """
    name = principal or actor.username
    if name != actor.username and not actor.is_admin:
        raise Refused(_("Only you yourself, or an administrator, can name your proxy."))
    people = {user.username: user for user in User.objects.filter(username__in=[name, agent], is_active=True)}
    for field, username in (("principal", name), ("agent", agent)):
        if username not in people:
            raise _invalid(field, "unknown_user", _("There is no active user of this name."))
    if name == agent:
        raise _invalid("agent", "same_person", _("Nobody is their own proxy."))
    if ends_at <= starts_at or ends_at <= at:
        raise _invalid("ends_at", "bad_window", _("The window must end after it begins, and in the future."))
    return Proxy.objects.create(
        principal=people[name],
        agent=people[agent],
        starts_at=max(starts_at, at),
        ends_at=ends_at,
        templates=templates,
        reason=reason,
        created_by=actor,
    )


@transaction.atomic
def revoke_proxy(*, actor: User, proxy_id: int, at: datetime) -> Proxy:
    """End a proxy now: who granted it, its principal, or an administrator.

    Raises NoSuchThing, and Refused for the agent, who may see it.
    """
    proxy = Proxy.objects.select_for_update().filter(pk=proxy_id).first()
    ends_it = proxy is not None and (actor.is_admin or actor.pk in (proxy.principal_id, proxy.created_by_id))
    if proxy is None or not (ends_it or actor.pk == proxy.agent_id):
        raise NoSuchThing
    if not ends_it:
        raise Refused
    if proxy.revoked_at is None:
        proxy.revoked_at = at
        proxy.save(update_fields=["revoked_at"])
    return proxy
