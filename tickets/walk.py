"""One ticket, locked, with everything a command may look at or change, and one place that writes it back.

A command loads a Walk, lets pure functions change it (tickets/advance.py, tickets/nodes/), and saves it: a fixed,
small number of statements whatever happened. States move through the machines' transitions only; `save` is the
one place where their results are written in bulk.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.people import Organisation, Person, person
from config.doorbell import ring
from templates_engine.approvers import Seat
from templates_engine.expressions import Facts
from templates_engine.program import Program, load
from tickets import events
from tickets.errors import NotFound
from tickets.events import Kind
from tickets.models import ApprovalTask, ContentVersion, Event, NodeVisit, Participant, Ticket
from tickets.states import TaskState

OPEN = NodeVisit.State.OPEN
DISPATCH = "tickets.dispatch_outbox"
TICKET_COLUMNS = [
    "state", "submitted_at", "finished_at", "content", "version", "resume_node", "rating", "rating_comment",
    "event_seq", "event_hash",
]  # fmt: skip
TASK_COLUMNS = ["state", "decided_by", "on_behalf_of", "channel", "comment", "decided_at", "digest"]
VISIT_COLUMNS = ["state", "outcome", "queue", "started_at", "closed_at"]


@dataclass
class Walk:
    """A locked ticket. `visits` and `tasks` hold all of them, oldest first, new ones included."""

    ticket: Ticket
    program: Program
    at: datetime
    organisation: Organisation = field(default_factory=Organisation)
    visits: list[NodeVisit] = field(default_factory=list)
    tasks: list[ApprovalTask] = field(default_factory=list)
    actor: User | None = None
    on_behalf_of: User | None = None
    _events: list[Event] = field(default_factory=list)
    _participants: dict[tuple[int, str], Participant] = field(default_factory=dict)
    _changed: set[int] = field(default_factory=set)  # id() of changed visits and tasks

    def __post_init__(self) -> None:
        self._shown = (self.ticket.state, self.ticket.content_id)

    # --- reading ----------------------------------------------------------------------------------

    @property
    def applicant(self) -> Person:
        """Who asks."""
        return person(self.ticket.applicant)

    @property
    def content(self) -> ContentVersion:
        """The content that approvers judge now."""
        if self.ticket.content is None:
            raise NotFound  # a ticket is made together with its first content
        return self.ticket.content

    def facts(self) -> Facts:
        """What the chain's expressions may know, frozen with the content."""
        return content_facts(self.content)

    def open_visits(self) -> list[NodeVisit]:
        """The tokens."""
        return [visit for visit in self.visits if visit.state == OPEN]

    def tasks_of(self, visit: NodeVisit) -> list[ApprovalTask]:
        """The seats of one visit."""
        return [task for task in self.tasks if task.visit is visit]

    def pending(self, visit: NodeVisit) -> list[ApprovalTask]:
        """The seats of one visit that are still open."""
        return [task for task in self.tasks_of(visit) if task.state == TaskState.PENDING]

    # --- changing ---------------------------------------------------------------------------------

    def record(self, kind: Kind, *, system: bool = False, **data: Any) -> None:
        """Write down what happened; by the actor of this walk unless the chain itself did it."""
        actor = None if system or self.actor is None else self.actor.pk
        behalf = None if system or self.on_behalf_of is None else self.on_behalf_of.pk
        event = events.append(self.ticket, kind, at=self.at, actor_id=actor, on_behalf_of_id=behalf, data=data)
        self._events.append(event)

    def node_facts(self, visit: NodeVisit) -> dict[str, Any]:
        """What events say of a visit's node."""
        return {"node": visit.node, "name": self.program.node(visit.node)["name"], "round": visit.round}

    def open_visit(self, key: str) -> NodeVisit:
        """Open the next round of a node."""
        node = self.program.node(key)
        round_ = 1 + sum(1 for visit in self.visits if visit.node == key)
        visit = NodeVisit(ticket=self.ticket, node=key, round=round_, type=node["type"], opened_at=self.at)
        self.visits.append(visit)
        self.record(Kind.NODE_OPENED, system=True, type=visit.type, **self.node_facts(visit))
        return visit

    def close_visit(self, visit: NodeVisit, outcome: str, *, state: str = NodeVisit.State.DONE) -> None:
        """Close a visit and cancel whoever was still asked."""
        visit.state, visit.outcome, visit.closed_at = state, outcome, self.at
        self.changed(visit)
        cancelled = self.pending(visit)
        for task in cancelled:
            task.cancel(at=self.at)
            self.changed(task)
        if cancelled:
            names = [task.assignee.username for task in cancelled]
            self.record(Kind.TASK_CANCELLED, system=True, assignees=names, **self.node_facts(visit))
        self.record(Kind.NODE_CLOSED, system=True, type=visit.type, outcome=outcome, **self.node_facts(visit))

    def seat(self, visit: NodeVisit, seats: Iterable[Seat], due_at: datetime | None = None) -> None:
        """Ask people."""
        asked = []
        for seat in seats:
            task = ApprovalTask(
                ticket=self.ticket, visit=visit, assignee_id=seat.person.id, reason=seat.reason,
                created_at=self.at, due_at=due_at,
            )  # fmt: skip
            self.tasks.append(task)
            self.participate(seat.person.id, Participant.Kind.APPROVER)
            asked.append({"username": seat.person.username, "reason": seat.reason})
        if asked:
            self.record(Kind.TASK_ASSIGNED, system=True, type=visit.type, assignees=asked, **self.node_facts(visit))

    def participate(self, user_id: int, kind: str) -> None:
        """Let a person see the ticket from now on."""
        self._participants.setdefault((user_id, kind), Participant(ticket=self.ticket, user_id=user_id, kind=kind))

    def changed(self, row: NodeVisit | ApprovalTask) -> None:
        """Remember to write this row."""
        self._changed.add(id(row))

    # --- writing ----------------------------------------------------------------------------------

    def save(self) -> None:
        """Write everything: at most one statement per kind of row and change."""
        if self._shown != (self.ticket.state, self.ticket.content_id):
            self.ticket.version += 1
        self._insert([visit for visit in self.visits if visit.pk is None])
        self._insert([task for task in self.tasks if task.pk is None])
        self._update(NodeVisit, self.visits, VISIT_COLUMNS)
        self._update(ApprovalTask, self.tasks, TASK_COLUMNS)
        if self._participants:
            Participant.objects.bulk_create(self._participants.values(), ignore_conflicts=True)
        self.ticket.save(update_fields=TICKET_COLUMNS)
        events.write(self._events)
        self._events, self._participants, self._changed = [], {}, set()
        ring(DISPATCH)

    def _insert(self, rows: list[Any]) -> None:
        for row in rows:
            self._changed.discard(id(row))
            if isinstance(row, ApprovalTask):
                row.visit_id = row.visit.pk
        if rows:
            type(rows[0]).objects.bulk_create(rows)

    def _update(self, model: type[Any], rows: list[Any], columns: list[str]) -> None:
        dirty = [row for row in rows if id(row) in self._changed]
        if dirty:
            model.objects.bulk_update(dirty, columns)


def content_facts(content: ContentVersion) -> Facts:
    """What expressions may know of a content version."""
    return Facts(content.form, content.facts["applicant"], content.facts["ticket"])


def lock(at: datetime, actor: User | None = None, **which: Any) -> Walk:
    """Lock the ticket that `which` names (number=…, tasks=…, visits=…) and load its walk. Raises NotFound.

    The ticket's row is the lock: whoever changes anything about a ticket waits here for its turn.
    """
    ticket = (
        Ticket.objects.select_for_update(of=("self",))
        .select_related("content", "applicant__department")
        .filter(**which)
        .first()
    )
    if ticket is None:
        raise NotFound
    visits = list(NodeVisit.objects.filter(ticket=ticket).order_by("id"))
    by_id = {visit.pk: visit for visit in visits}
    tasks = list(ApprovalTask.objects.filter(ticket=ticket).select_related("assignee", "decided_by").order_by("id"))
    for row in (*visits, *tasks):
        row.ticket = ticket
    for task in tasks:
        task.visit = by_id[task.visit_id]
    return Walk(ticket, load(ticket.template_version_id), at, visits=visits, tasks=tasks, actor=actor)
