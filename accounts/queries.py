"""What does this person see of people?"""

from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.models import Proxy, User
from accounts.permissions import permissions_of


def brief(user: User) -> dict[str, Any]:
    """A person as lists and pickers show them."""
    department = {"key": user.department.key, "name": user.department.name} if user.department else None
    return {"username": user.username, "name": user.name, "department": department}


def proxy_row(proxy: Proxy) -> dict[str, Any]:
    """A proxy as the API answers it."""
    return {
        "id": proxy.pk,
        "principal": proxy.principal.username,
        "agent": proxy.agent.username,
        "starts_at": proxy.starts_at,
        "ends_at": proxy.ends_at,
        "templates": proxy.templates,
        "reason": proxy.reason,
        "revoked_at": proxy.revoked_at,
    }


def profile(user: User, at: datetime) -> dict[str, Any]:
    """Who I am, what I may do, whom I act for and who acts for me."""
    mine = Proxy.objects.filter(Q(principal=user) | Q(agent=user), revoked_at__isnull=True, ends_at__gt=at)
    proxies = list(mine.select_related("principal", "agent").order_by("starts_at"))
    acting = [p for p in proxies if p.agent_id == user.pk and p.starts_at <= at and p.principal.is_active]
    roles = dict(user.roles.order_by("key").values_list("key", "permissions"))
    return {
        **brief(user),
        "email": user.email,
        "language": user.language,
        "is_admin": user.is_admin,
        "roles": list(roles),
        "permissions": permissions_of(user, roles.values()),
        "acting_for": sorted({proxy.principal.username for proxy in acting}),
        "proxies": [proxy_row(proxy) for proxy in proxies],
    }


def find_users(text: str, limit: int) -> list[dict[str, Any]]:
    """Active people whose username or name holds this text, by username."""
    people = User.objects.filter(is_active=True).select_related("department")
    if text:
        people = people.filter(Q(username__icontains=text) | Q(name__icontains=text))
    return [brief(user) for user in people.order_by("username")[:limit]]
