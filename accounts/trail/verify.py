"""Verify the administration trail, and compare the rows with it (I07, A32)."""

from collections.abc import Iterator

from accounts.models import AdminEvent, Proxy
from accounts.trail.acts import Kind, body_of
from accounts.trail.proxies import facts, facts_told
from common.chain import Broken, first_break

OF_PROXIES = (Kind.PROXY_GRANTED, Kind.PROXY_CHANGED, Kind.PROXY_ENDED)


def breaks() -> Iterator[Broken]:
    """All breaks; seq is 0 for a row without events in the trail."""
    broken = first_break(AdminEvent.objects.order_by("seq").iterator(), body_of)
    if broken:
        yield broken
    acts = AdminEvent.objects.filter(kind__in=OF_PROXIES).order_by("about", "-seq").distinct("about")
    last = {act.about: act for act in acts}
    for proxy in Proxy.objects.select_related("principal", "agent").order_by("pk").iterator():
        act = last.pop(proxy.about, None)
        if act is None:
            yield Broken(0, "forged_proxy", f"nobody granted {proxy.about}")
        elif facts_told(act) != facts(proxy):
            yield Broken(act.seq, "changed_proxy", f"{proxy.about} differs from its trail")
    for about, act in sorted(last.items()):
        yield Broken(act.seq, "lost_proxy", f"{about} is gone")
