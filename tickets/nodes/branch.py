"""分支: takes the first case that is true."""

from collections.abc import Sequence

from templates_engine.route import taken_case
from tickets.events import Kind
from tickets.nodes.base import NodeWalker
from tickets.walk import Walk


class Branch(NodeWalker):
    """Chooses a way; leaves an event that says which and why."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """The first node of the case taken. Raises Unplannable, which a ticket's content check rules out."""
        case = taken_case(walk.program, key, walk.facts())
        walk.record(
            Kind.BRANCH_TAKEN, system=True, node=key, name=walk.program.node(key)["name"],
            case=case["name"], when=case["when"],
        )  # fmt: skip
        return (case["first"],)
