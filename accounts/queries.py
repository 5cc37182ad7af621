"""What does this person see of people?"""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Least

from accounts.models import Proxy, User
from accounts.models.proxy import made_by_agent
from accounts.permissions import permissions_of

PROXIES_MAX = 200


def brief(user: User) -> dict[str, Any]:
    """A person as lists and pickers show them."""
    department = {"key": user.department.key, "name": user.department.name} if user.department else None
    return {"username": user.username, "name": user.name, "department": department}


def proxy_row(proxy: Proxy, *, barred: bool = False) -> dict[str, Any]:
    """A proxy as the API answers it. barred: its agent made or changed it, so that it lets him do nothing; none that
    our commands made is."""
    return {
        "id": proxy.pk,
        "principal": proxy.principal.username,
        "agent": proxy.agent.username,
        "starts_at": proxy.starts_at,
        "ends_at": proxy.ends_at,
        "templates": proxy.templates,
        "reason": proxy.reason,
        "revoked_at": proxy.revoked_at,
        "created_by": proxy.created_by.username,
        "barred": barred,
    }


def proxies_of(user: User, *, since: datetime | None = None, until: datetime | None = None) -> list[dict[str, Any]]:
    """Those that this person gave or holds, of an administrator everybody's; newest first, at most PROXIES_MAX.

    since, until: only those that hold at some moment of [since, until), ended ones as long as they did.
    """
    rows = Proxy.objects.annotate(barred=made_by_agent())
    rows = rows.select_related("principal", "agent", "created_by").order_by("-id")
    if not user.is_admin:
        rows = rows.filter(Q(principal=user) | Q(agent=user))
    if since:
        rows = rows.annotate(over_at=Least("ends_at", "revoked_at")).filter(over_at__gt=since)
    if until:
        rows = rows.filter(starts_at__lt=until)
    return [proxy_row(proxy, barred=proxy.barred) for proxy in rows[:PROXIES_MAX]]


def profile(user: User, at: datetime) -> dict[str, Any]:
    """Who I am, what I may do, whom I act for and who acts for me."""
    mine = Proxy.objects.filter(Q(principal=user) | Q(agent=user), revoked_at__isnull=True, ends_at__gt=at)
    rows = mine.annotate(barred=made_by_agent()).select_related("principal", "agent", "created_by")
    proxies = list(rows.order_by("starts_at"))
    held = [p for p in proxies if p.agent_id == user.pk and p.starts_at <= at and p.principal.is_active]
    acting = [proxy for proxy in held if not proxy.barred]
    roles = dict(user.roles.order_by("key").values_list("key", "permissions"))
    return {
        **brief(user),
        "email": user.email,
        "language": user.language,
        "is_admin": user.is_admin,
        "roles": list(roles),
        "permissions": permissions_of(user, roles.values()),
        "acting_for": sorted({proxy.principal.username for proxy in acting}),
        "proxies": [proxy_row(proxy, barred=proxy.barred) for proxy in proxies],
    }


def find_users(text: str, limit: int) -> list[dict[str, Any]]:
    """Active people whose username or name holds this text, by username."""
    people = User.objects.filter(is_active=True).select_related("department")
    if text:
        people = people.filter(Q(username__icontains=text) | Q(name__icontains=text))
    return [brief(user) for user in people.order_by("username")[:limit]]
