"""Queries: what a person may see of people and proxies."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Least

from accounts.fragments import Fragment
from accounts.models import Proxy, User
from accounts.models.proxy import made_by_agent
from accounts.permissions import permissions_of
from accounts.ports import counting

PROXIES_MAX = 200
# The text of a fragment. Its proxies are rows as `proxy_row` makes them, with `standing`: the principal is active.
PROFILE = """jsonb_build_object(
    'roles', (
        SELECT coalesce(jsonb_agg(jsonb_build_array(role.key, role.permissions) ORDER BY role.key), '[]')
        FROM accounts_rolemember member JOIN accounts_role role ON role.id = member.role_id
        WHERE member.user_id = u.id
    ),
    'proxies', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', proxy.id, 'principal', principal.username, 'agent', agent.username,
            'starts_at', proxy.starts_at, 'ends_at', proxy.ends_at, 'templates', proxy.templates,
            'reason', proxy.reason, 'revoked_at', proxy.revoked_at, 'created_by', author.username,
            'standing', principal.is_active, 'barred', EXISTS (
                SELECT 1 FROM accounts_adminevent act
                WHERE act.about = 'proxy:' || proxy.id AND act.actor_id = proxy.agent_id
            )
        ) ORDER BY proxy.starts_at, proxy.id), '[]')
        FROM accounts_proxy proxy
        JOIN accounts_user principal ON principal.id = proxy.principal_id
        JOIN accounts_user agent ON agent.id = proxy.agent_id
        JOIN accounts_user author ON author.id = proxy.created_by_id
        WHERE (proxy.principal_id = u.id OR proxy.agent_id = u.id)
          AND proxy.revoked_at IS NULL AND proxy.ends_at > %(at)s
    ),
    'counts', {counts}
)"""


def brief(user: User) -> dict[str, Any]:
    """A person as shown in lists and pickers."""
    department = {"key": user.department.key, "name": user.department.name} if user.department else None
    return {"username": user.username, "name": user.name, "department": department}


def proxy_row(proxy: Proxy, *, barred: bool = False) -> dict[str, Any]:
    """A proxy as the API returns it. barred: its agent made or changed it, so it gives no rights; our commands make no
    such proxies.
    """
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
    """Proxies this person gave or holds, for administrators all; newest first, at most PROXIES_MAX.

    since, until: only those valid at some moment of [since, until), also if they have ended since.
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


def profiling(at: datetime) -> Fragment:
    """What a profile needs beside the user's own row."""
    return Fragment(PROFILE.format(counts=counting()), {"at": at})


def profile(user: User, at: datetime, found: dict[str, Any]) -> dict[str, Any]:
    """The profile: identity, permissions, whom I act for and who acts for me, and how much work waits.

    found: the value of `profiling(at)`.
    """
    proxies = [_with_times(row) for row in found["proxies"]]
    standing = [row for row in proxies if row.pop("standing") and row["starts_at"] <= at and not row["barred"]]
    acting = {row["principal"] for row in standing if row["agent"] == user.username}
    roles = dict(found["roles"])
    return {
        **brief(user),
        "email": user.email,
        "language": user.language,
        "is_admin": user.is_admin,
        "roles": list(roles),
        "permissions": permissions_of(user, roles.values()),
        "acting_for": sorted(acting),
        "proxies": proxies,
        "counts": found["counts"],
    }


def _with_times(row: dict[str, Any]) -> dict[str, Any]:
    times = ("starts_at", "ends_at", "revoked_at")
    return row | {name: datetime.fromisoformat(row[name]) for name in times if row[name]}


def find_users(text: str, limit: int) -> list[dict[str, Any]]:
    """Active people whose username or name contains this text, by username."""
    people = User.objects.filter(is_active=True).select_related("department")
    if text:
        people = people.filter(Q(username__icontains=text) | Q(name__icontains=text))
    return [brief(user) for user in people.order_by("username")[:limit]]
