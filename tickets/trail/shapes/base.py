"""What events may say, whatever their kind; and what a kind is."""

from collections.abc import Callable
from typing import Any, Generic, NotRequired, ParamSpec, Protocol, Self, TypedDict, TypeVar, cast

from accounts.trail.proxies import Standing
from templates_engine.text import Text


class EventData(TypedDict):
    """What any event may say. proxy: the proxy by which the actor acted on behalf of somebody."""

    proxy: NotRequired[Standing]


class AtNode(EventData):
    """The node, and which visit of it."""

    node: str
    name: Text
    round: int


class HasData(Protocol):
    """An event, stored or not yet."""

    data: Any


P = ParamSpec("P")
D = TypeVar("D")


class EventKind(str, Generic[P, D]):
    """The name of a kind, which also knows the shape of its events' data: mypy checks what is recorded and read."""

    shape: Callable[P, D]

    def __new__(cls, name: str, shape: Callable[P, D]) -> Self:
        """A kind whose data have this shape, a TypedDict."""
        kind = super().__new__(cls, name)
        kind.shape = shape
        return kind

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Copies are plain text."""
        return str, (str(self),)

    def of(self, event: HasData) -> D:
        """The data of an event of this kind."""
        return cast(D, event.data)
