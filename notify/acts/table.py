"""Table of the acts that people are notified of. A new kind needs one entry here and its own module."""

from accounts.models import AdminEvent
from accounts.trail.acts import Kind as Act
from notify.acts import alarms, proxies
from notify.acts.notice import Notice

NOTICES: dict[str, Notice] = {
    Act.PROXY_GRANTED: proxies.NOTICE,
    Act.PROXY_CHANGED: proxies.NOTICE,
    Act.PROXY_BEGAN: proxies.NOTICE,
    Act.PROXY_ENDED: proxies.NOTICE,
    Act.SHELL_ALARM: alarms.NOTICE,
}


def notice_of(act: AdminEvent) -> Notice:
    """The entry for this act. Raises KeyError for an act that nobody is notified of."""
    return NOTICES[act.kind]
