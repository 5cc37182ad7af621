"""分支: takes the first case that is true."""

from collections.abc import Sequence

from templates_engine.program.route import taken_case
from tickets.engine.nodes.base import NodeWalker
from tickets.engine.walk import Walk
from tickets.trail.events import Kind


class Branch(NodeWalker):
    """Chooses a case and records which one and why."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Returns the first node of the case taken. Raises Unplannable, which the content check rules out before."""
        case = taken_case(walk.program, key, walk.facts())
        walk.record_by_system(
            Kind.BRANCH_TAKEN, node=key, name=walk.program.node(key)["name"],
            case=case["name"], when=case["when"],
        )  # fmt: skip
        return (case["first"],)
