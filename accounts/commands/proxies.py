"""Grant, change and end proxies; each is recorded in the administration trail."""

from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import CharField, F, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from accounts.errors import NoSuchThing, ProxyEnded, Refused
from accounts.models import AdminEvent, Proxy, User
from accounts.ports import known_templates
from accounts.trail.acts import SYSTEM, Kind, Origin, record
from accounts.trail.proxies import acts_of, facts, is_sound


class Changes(TypedDict, total=False):
    """The fields of a proxy that can be changed."""

    agent: str
    starts_at: datetime
    ends_at: datetime
    templates: list[str] | None
    reason: str


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
    origin: Origin = SYSTEM,
) -> Proxy:
    """Let `agent` decide for `principal` (default: the actor). Only the principal or an administrator grants (I11).

    Administrators cannot name themselves: whoever makes a proxy for somebody else cannot be its agent.
    Raises Refused; ValidationError for an unknown person or template, or a window that is over or ends before it
    begins.
    """
    name = principal or actor.username
    if name != actor.username and not actor.is_admin:
        raise Refused(_("Only you yourself, or an administrator, can name your proxy."))
    _check_window(starts_at, ends_at, at)
    _check_templates(templates)
    proxy = Proxy.objects.create(
        principal=_active("principal", name),
        agent=_agent(agent, of=name, made_by={actor.username}),
        starts_at=max(starts_at, at),
        ends_at=ends_at,
        templates=templates,
        reason=reason,
        created_by=actor,
    )
    _record(Kind.PROXY_GRANTED, proxy, None, actor=actor, at=at, origin=origin)
    return proxy


@transaction.atomic
def change_proxy(
    *, actor: User, proxy_id: int, at: datetime, origin: Origin = SYSTEM, **changes: Unpack[Changes]
) -> Proxy:
    """Change a proxy that has not ended; for those who may end it. Decisions made under it stay valid.

    The agent cannot be a person who made or changed the proxy for its principal. Without a difference nothing is
    recorded. Raises NoSuchThing, Refused, ProxyEnded; ValidationError as grant_proxy, and for a new start after it
    has begun.
    """
    proxy = _own_proxy(actor, proxy_id)
    if proxy.revoked_at is not None or proxy.ends_at <= at:
        raise ProxyEnded
    before = facts(proxy)
    if "starts_at" in changes and changes["starts_at"] != proxy.starts_at:
        if proxy.starts_at <= at:
            raise _invalid("starts_at", "begun", _("It has begun already; only its end can be changed."))
        proxy.starts_at = max(changes["starts_at"], at)
    proxy.ends_at = changes.get("ends_at", proxy.ends_at)
    _check_window(proxy.starts_at, proxy.ends_at, at)
    made_by = {act.actor.username for act in acts_of(proxy) if act.actor} | {actor.username}
    proxy.agent = _agent(changes.get("agent", proxy.agent.username), of=proxy.principal.username, made_by=made_by)
    if "templates" in changes:
        _check_templates(changes["templates"])
        proxy.templates = changes["templates"]
    proxy.reason = changes.get("reason", proxy.reason)
    if facts(proxy) != before:
        proxy.save()
        _record(Kind.PROXY_CHANGED, proxy, before, actor=actor, at=at, origin=origin)
    return proxy


@transaction.atomic
def revoke_proxy(*, actor: User, proxy_id: int, at: datetime, origin: Origin = SYSTEM) -> Proxy:
    """End a proxy now. Raises NoSuchThing, Refused."""
    proxy = _own_proxy(actor, proxy_id)
    if proxy.revoked_at is None:
        before = facts(proxy)
        proxy.revoked_at = at
        proxy.save(update_fields=["revoked_at"])
        _record(Kind.PROXY_ENDED, proxy, before, actor=actor, at=at, origin=origin)
    return proxy


def begin_due(at: datetime) -> int:
    """Record that proxies granted for later have begun, each once, late if needed; returns how many (I21)."""
    newest = AdminEvent.objects.filter(about=Concat(Value("proxy:"), Cast(OuterRef("pk"), CharField())))
    told = Subquery(newest.order_by("-seq").values("at")[:1])
    due = Proxy.objects.active(at).annotate(told=told).filter(told__lt=F("starts_at"))
    return sum(_begin(pk, at) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _begin(pk: int, at: datetime) -> bool:
    """Record one beginning; False if it is already recorded, or the proxy was changed in the meantime."""
    rows = Proxy.objects.select_for_update(of=["self"]).select_related("principal", "agent")
    proxy = rows.filter(pk=pk, revoked_at__isnull=True, starts_at__lte=at).first()
    acts = acts_of(proxy) if proxy is not None else []
    if proxy is None or not is_sound(proxy, acts) or acts[-1].at >= proxy.starts_at:
        return False
    data = facts(proxy) | {"before": {}}
    record(Kind.PROXY_BEGAN, actor=None, origin=SYSTEM, at=at, about=proxy.about, person=proxy.principal, data=data)
    return True


def _record(
    kind: Kind, proxy: Proxy, before: dict[str, Any] | None, *, actor: User, at: datetime, origin: Origin
) -> None:
    now = facts(proxy)
    data = now | {"before": {key: value for key, value in (before or {}).items() if value != now[key]}}
    record(kind, actor=actor, origin=origin, at=at, about=proxy.about, person=proxy.principal, data=data)


def _own_proxy(actor: User, proxy_id: int) -> Proxy:
    """The locked proxy, for its principal or an administrator. Raises NoSuchThing, and Refused for its agent."""
    rows = Proxy.objects.select_for_update(of=["self"]).select_related("principal", "agent", "created_by")
    proxy = rows.filter(pk=proxy_id).first()
    owns = proxy is not None and (actor.is_admin or actor.pk == proxy.principal_id)
    if proxy is None or not (owns or actor.pk == proxy.agent_id):
        raise NoSuchThing
    if not owns:
        raise Refused
    return proxy


def _active(field: str, username: str) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise _invalid(field, "unknown_user", _("There is no active user of this name."))
    return user


def _agent(username: str, *, of: str, made_by: set[str]) -> User:
    """The active user for the agent. made_by: usernames of those who make it or ever changed it."""
    if username == of:
        raise _invalid("agent", "same_person", _("Nobody is their own proxy."))
    if username in made_by:
        text = _(
            "A person who makes or changes a proxy for somebody else cannot be its agent. %(who)s has to grant it."
        )
        raise _invalid("agent", "not_by_oneself", text % {"who": of})
    return _active("agent", username)


def _check_window(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if ends_at <= starts_at or ends_at <= at:
        raise _invalid("ends_at", "bad_window", _("The window must end after it begins, and in the future."))


def _check_templates(keys: list[str] | None) -> None:
    if keys is None:
        return
    known = known_templates(keys)
    unknown = next((index for index, key in enumerate(keys) if key not in known), None)
    if unknown is not None:
        raise _invalid(f"templates[{unknown}]", "unknown_template", _("There is no template of this key."))
