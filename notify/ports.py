"""What a channel says about itself. notify.channels makes the table at start-up; rooms below it read it here."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from django.db.models import Q

from notify.models import Delivery
from notify.models.delivery import IN_APP


class Carries(Enum):
    """The news that goes over a channel by itself. `TASKS` are those with a task to decide, `OTHERS` the rest."""

    ALL = frozenset({True, False})
    TASKS = frozenset({True})
    OTHERS = frozenset({False})
    NOTHING = frozenset[bool]()  # its deliveries are written by what causes them


class Limit(Enum):
    """How a channel's messages count for WeCom's limit per person (sending.pace)."""

    NONE = "none"
    LATER = "later"  # leaves a part of the limit to the urgent ones
    URGENT = "urgent"


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One way to send deliveries. Only `kind` is stored (Delivery.kind), so it never changes.

    dependency: the outside system that it needs; if that is down, all its channels pause (F42).
    send: sends one claimed delivery, outside a transaction; returns a receipt, or raises ChannelError.
    carries, address, is_on: which news, to whom, and whether this installation has the channel. address is the column
    of accounts.User that must be filled; "" if it has no recipients of its own.
    send_together: sends several deliveries to one person as one message; None if it cannot.
    is_always_sent: also if the news is out of date, because it corrects an earlier message or is for a machine.
    same_place: the deliveries to postpone instead of the whole dependency if this one's place is down.
    given_up: what else happens if a delivery is given up, inside the transaction; takes the delivery and the reason.
    """

    kind: str
    dependency: str
    send: Callable[[Delivery], str]
    carries: Carries = Carries.NOTHING
    address: str = ""
    is_on: Callable[[], bool] = lambda: True
    limit: Limit = Limit.NONE
    send_together: Callable[[Sequence[Delivery]], str] | None = None
    is_always_sent: bool = False
    same_place: Callable[[Delivery], Q] | None = None
    given_up: Callable[[Delivery, str], None] | None = None


CHANNELS: dict[str, Channel] = {}  # by kind, most urgent first


def provide_channels(channels: Iterable[Channel]) -> None:
    """Set the table of channels."""
    CHANNELS.clear()
    CHANNELS.update((channel.kind, channel) for channel in channels)


def dependencies() -> dict[str, list[str]]:
    """The kinds by the dependency that they need, most urgent first."""
    found: dict[str, list[str]] = {}
    for channel in CHANNELS.values():
        found.setdefault(channel.dependency, []).append(channel.kind)
    return found


def open_channels() -> list[Channel]:
    """The channels to people that this installation has."""
    return [channel for channel in CHANNELS.values() if channel.address and channel.is_on()]


def kinds_for(channels: Iterable[Channel], address_of: Callable[[str], str], *, has_task: bool) -> list[str]:
    """The kinds of the deliveries that tell one person one piece of news. address_of: column of User → its value."""
    reaching = (channel for channel in channels if has_task in channel.carries.value and address_of(channel.address))
    return [IN_APP, *(channel.kind for channel in reaching)]
