"""The proxy that an act is about, and what its agent may decide now."""

from datetime import datetime

from accounts.models import AdminEvent, Proxy
from tickets.models import ApprovalTask
from tickets.queries.seats import seats_of


def proxy_of(act: AdminEvent) -> Proxy | None:
    """The proxy that an act is about, as it is now; None if the act is about no proxy, or it was deleted."""
    kind, _colon, key = act.about.partition(":")
    if kind != "proxy" or not key.isdecimal():
        return None
    return Proxy.objects.select_related("principal", "agent").filter(pk=int(key)).first()


def in_force(act: AdminEvent, at: datetime) -> Proxy | None:
    """The proxy of this act if it is active at this time, else None."""
    proxy = proxy_of(act)
    return proxy if proxy is not None and Proxy.objects.active(at).filter(pk=proxy.pk).exists() else None


def waiting_for(proxy: Proxy, at: datetime) -> list[ApprovalTask]:
    """The principal's pending tasks that may be decided through this proxy, oldest first."""
    seats = seats_of(proxy.agent, at, proxy=proxy.pk)
    tasks = ApprovalTask.objects.filter(pk__in=seats, state="pending", assignee=proxy.principal_id)
    return list(tasks.select_related("ticket", "visit", "assignee").order_by("pk"))
