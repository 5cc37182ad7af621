"""网络回调: tells a machine and goes on."""

from collections.abc import Sequence

from templates_engine.route import render_webhook
from tickets.events import Kind
from tickets.nodes.base import NodeWalker, behind
from tickets.walk import Walk


class Webhook(NodeWalker):
    """The event is the request: what goes out starts from it, after commit, as often as it takes (I18, I19)."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Tell, close, go on."""
        visit = walk.open_visit(key)
        asked = render_webhook(walk.program, key, walk.facts())
        walk.record(Kind.WEBHOOK_REQUESTED, system=True, **asked, **walk.node_facts(visit))
        walk.close_visit(visit, "called")
        return behind(walk, key)
