"""网络回调: requests a webhook call and goes on."""

from collections.abc import Sequence

from templates_engine.program.route import render_webhook
from tickets.engine.nodes.base import NodeWalker, behind
from tickets.engine.walk import Walk
from tickets.trail.events import Kind


class Webhook(NodeWalker):
    """Records the request as an event; it is sent from there after commit, with retries (I18, I19)."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Record the request, close the visit, go on."""
        visit = walk.open_visit(key)
        asked = render_webhook(walk.program, key, walk.facts())
        walk.record_by_system(Kind.WEBHOOK_REQUESTED, **asked, **walk.node_facts(visit))
        walk.close_visit(visit, "called")
        return behind(walk, key)
