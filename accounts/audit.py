"""Is the trail of administration whole, and do the rows say what it says? (I7, A32)"""

from collections.abc import Iterator

from accounts.models import AdminEvent, Proxy
from accounts.proxies import facts, facts_told
from accounts.trail import Kind, body_of
from config.chain import Broken, first_break

OF_PROXIES = (Kind.PROXY_GRANTED, Kind.PROXY_CHANGED, Kind.PROXY_ENDED)


def breaks() -> Iterator[Broken]:
    """Every break; seq is 0 for a row of which the trail knows nothing. Nothing where all is whole."""
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
