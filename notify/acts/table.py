"""Table of the acts that people are notified of. A new kind needs one entry here and its own module."""

from accounts.models import AdminEvent
from accounts.trail.acts import Kind as Act
from notify.acts import alarms, proxies
from notify.acts.telling import Telling

TELLINGS: dict[str, Telling] = {
    Act.PROXY_GRANTED: proxies.TELLING,
    Act.PROXY_CHANGED: proxies.TELLING,
    Act.PROXY_BEGAN: proxies.TELLING,
    Act.PROXY_ENDED: proxies.TELLING,
    Act.SHELL_ALARM: alarms.TELLING,
}


def telling_of(act: AdminEvent) -> Telling:
    """The entry for this act. Raises KeyError for an act that nobody is notified of."""
    return TELLINGS[act.kind]
