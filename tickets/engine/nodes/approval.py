"""审批: assigns people and counts their votes by the node's mode."""

from collections.abc import Sequence

from templates_engine.approvers import Seat
from tickets.engine.nodes.base import NodeWalker
from tickets.engine.nodes.seating import ask_next, ask_people, seat
from tickets.engine.walk import Walk
from tickets.models import NodeVisit
from tickets.rules.quorum import complete, enough
from tickets.states import TaskState
from tickets.trail.events import Kind


class Approval(NodeWalker):
    """One or several people approve."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Ask people and wait."""
        return ask_people(walk, key)

    def settle(self, walk: Walk, visit: NodeVisit) -> str | None:
        """`approved` once enough have said yes. Signatures added after theirs, and the next one of a sequence, are
        asked first.
        """
        ask_added_after(walk, visit)
        mode = walk.program.node(visit.node)["mode"]
        queues = any("after" not in entry for entry in visit.queue)
        if mode == "sequence" and queues and _everybody_asked_is_done(walk, visit):
            ask_next(walk, visit)
            return None
        return "approved" if enough(mode, walk.votes(visit)) else None


def _everybody_asked_is_done(walk: Walk, visit: NodeVisit) -> bool:
    votes = walk.votes(visit)
    done = complete(votes)
    asked = [id(task) for task in walk.seats_of(visit) if task.added_to is None]
    return all(key in done for key in asked)


def ask_added_after(walk: Walk, visit: NodeVisit) -> None:
    """Ask those whose signature was wanted after one that has just been given."""
    yes = {task.assignee.username: task for task in walk.seats_of(visit) if task.state == TaskState.APPROVED}
    due = [entry for entry in visit.queue if entry.get("after") in yes]
    if not due:
        return
    visit.queue = [entry for entry in visit.queue if entry not in due]
    walk.changed(visit)
    people = {person.username: person for person in walk.organisation.by_usernames([e["username"] for e in due])}
    for entry in due:
        adder, name = yes[entry["after"]], entry["username"]
        if name in people:
            seat(walk, visit, [Seat(people[name], entry["reason"])], added_to=adder, position="after")
        else:
            walk.record_by_system(
                Kind.TASK_SIGN_REMOVED, task=adder.pk, assignee=adder.assignee.username, users=[name],
                comment="", channel="system", **walk.node_facts(visit),
            )  # fmt: skip
