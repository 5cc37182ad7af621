"""Walk: a locked ticket with everything a command may read or change, and the only place that writes it back.

A command loads a Walk, lets pure functions change it (advance.py, nodes/), and saves it in a small, fixed number of
statements. States change through the state machines' transitions only; `save` is the one place that writes their
results in bulk.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Unpack

from accounts.models import User
from accounts.organisation.people import Organisation, Person, person
from accounts.trail.proxies import Standing
from common.doorbell import ring
from templates_engine.approvers import Circumstances, Seat
from templates_engine.language.expressions import Facts
from templates_engine.program.program import Program
from templates_engine.store.programs import load
from tickets.engine import saving
from tickets.engine.foretold import Foretold
from tickets.engine.loading import load_foretold, load_locked, stand_in
from tickets.errors import NotFound
from tickets.models import ApprovalTask, ContentVersion, NodeVisit, Participant, Ticket
from tickets.rules.circumstances import circumstances, content_facts
from tickets.rules.quorum import Vote
from tickets.rules.votes import NO_SEAT, tasks_of, votes
from tickets.states import TaskState
from tickets.states.approval_task import Channel
from tickets.trail import events
from tickets.trail.events import Kind, NewEvent
from tickets.trail.shapes.base import AtNode, EventKind, P
from tickets.trail.shapes.tasks import InTurn, SeatAsked

OPEN = NodeVisit.State.OPEN
DISPATCH = "tickets.dispatch_outbox"


@dataclass(frozen=True)
class Saved:
    """What a walk knew when it was saved: the ticket's visits and tasks, as now stored, and the answers of its
    organisation. The response to a command is made from it (queries.detail).

    is_alone: it has neither a parent nor files.
    """

    visits: list[NodeVisit]
    tasks: list[ApprovalTask]
    organisation: Organisation
    is_alone: bool

    @property
    def is_whole(self) -> bool:
        """Whether a page needs nothing else; what runs in sub-tickets is not known here."""
        return all(visit.type != "subticket" for visit in self.visits)


@dataclass
class Walk:
    """A locked ticket. `visits` and `tasks` hold all of them, oldest first, new ones included.

    todo: node keys still to be entered, the next one last. ahead: node key → the nodes to come back to; nodes before
    these are done. asked_again: a node that the ticket was returned to, whose people are asked again even if they have
    approved before. born: new sub-tickets, saved together with this one. born_of: of a new sub-ticket, the parent's
    node.
    """

    ticket: Ticket
    program: Program
    at: datetime
    organisation: Organisation = field(default_factory=Organisation)
    visits: list[NodeVisit] = field(default_factory=list)
    tasks: list[ApprovalTask] = field(default_factory=list)
    actor: User | None = None
    on_behalf_of: User | None = None
    proxy: Standing | None = None  # the proxy by which the actor acts on behalf of somebody
    todo: list[str] = field(default_factory=list)
    ahead: dict[str, list[str]] = field(default_factory=dict)
    asked_again: str = ""
    born: list["Walk"] = field(default_factory=list)
    born_of: str = ""
    _events: list[NewEvent] = field(default_factory=list)
    _participants: dict[tuple[int, str], saving.NewPart] = field(default_factory=dict)
    _timers: list[saving.NewTimer] = field(default_factory=list)
    _changed: set[int] = field(default_factory=set)  # id() of changed visits and tasks

    def __post_init__(self) -> None:
        self._shown = (self.ticket.state, self.ticket.content_id)

    # --- reading ----------------------------------------------------------------------------------

    @property
    def applicant(self) -> Person:
        """The applicant."""
        return person(self.ticket.applicant)

    @property
    def content(self) -> ContentVersion:
        """The content to be approved now."""
        if self.ticket.content is None:
            raise NotFound  # a ticket is created together with its first content
        return self.ticket.content

    def facts(self) -> Facts:
        """What the chain's expressions can read, fixed with the content."""
        return content_facts(self.content)

    def circumstances(self) -> Circumstances:
        """What the rules can read, with today's organisation."""
        return circumstances(self.ticket, self.program, self.organisation)

    def open_visits(self) -> list[NodeVisit]:
        """The open visits: the tokens."""
        return [visit for visit in self.visits if visit.state == OPEN]

    def last_visit(self, key: str) -> NodeVisit | None:
        """The newest visit of a node."""
        return next((visit for visit in reversed(self.visits) if visit.node == key), None)

    def tasks_of(self, visit: NodeVisit) -> list[ApprovalTask]:
        """All tasks of one visit, and earlier decisions that count in it."""
        return tasks_of(visit, self.tasks)

    def seats_of(self, visit: NodeVisit) -> list[ApprovalTask]:
        """The seats of one visit; transferred and cancelled tasks are not seats."""
        return [task for task in self.tasks_of(visit) if task.state not in NO_SEAT]

    def pending(self, visit: NodeVisit) -> list[ApprovalTask]:
        """The seats of one visit that are still open."""
        return [task for task in self.tasks_of(visit) if task.state == TaskState.PENDING]

    def votes(self, visit: NodeVisit) -> list[Vote]:
        """The seats as votes, those still queued included."""
        return votes(self.seats_of(visit), visit)

    @property
    def amended(self) -> frozenset[str]:
        """The digests of this content and of those it amends: decisions made on them need not be repeated."""
        return frozenset({self.content.digest, *self.content.facts.get("amends", ())})

    def standing_at(self, node: str) -> frozenset[str]:
        """The digests on which a decision at this node still stands; fewer if its people are asked again."""
        facts = self.content.facts
        return frozenset({self.content.digest, *facts.get("amends", ())[facts.get("again", {}).get(node, 0) :]})

    def stands(self, task: ApprovalTask) -> bool:
        """Whether this task was decided with a yes that still stands."""
        is_yes = task.state in (TaskState.APPROVED, TaskState.CONFIRMED)
        return is_yes and task.digest in self.standing_at(task.visit.node)

    def places(self) -> list[str]:
        """The nodes where the ticket stands: the open ones, and those it comes back to."""
        opened = self.open_visits()
        return list(dict.fromkeys([visit.node for visit in opened] + [key for visit in opened for key in visit.reopen]))

    # --- changing ---------------------------------------------------------------------------------

    def record(self, kind: EventKind[P, Any], *_none: P.args, **data: P.kwargs) -> None:
        """Record an event by the actor of this walk."""
        actor = self.actor.pk if self.actor else None
        behalf = self.on_behalf_of.pk if self.on_behalf_of else None
        by = {"proxy": self.proxy} if behalf and self.proxy else {}
        event = events.append(self.ticket, kind, at=self.at, actor_id=actor, on_behalf_of_id=behalf, data=data | by)
        self._events.append(event)

    def record_by_system(self, kind: EventKind[P, Any], *_none: P.args, **data: P.kwargs) -> None:
        """Record an event that has no actor."""
        self._events.append(events.append(self.ticket, kind, at=self.at, data=dict(data)))

    def node_facts(self, visit: NodeVisit) -> AtNode:
        """The keys about a visit's node that events contain."""
        return {"node": visit.node, "name": self.program.node(visit.node)["name"], "round": visit.round}

    def adopt(self, content: ContentVersion) -> None:
        """Make this the content to be approved (I05)."""
        self.ticket.content = content

    def open_visit(self, key: str) -> NodeVisit:
        """Open the next round of a node."""
        node = self.program.node(key)
        round_ = 1 + sum(1 for visit in self.visits if visit.node == key)
        visit = NodeVisit(ticket=self.ticket, node=key, round=round_, type=node["type"], opened_at=self.at)
        self.visits.append(visit)
        self.record_by_system(Kind.NODE_OPENED, type=visit.type, **self.node_facts(visit))
        return visit

    def close_visit(self, visit: NodeVisit, outcome: str, *, state: str = NodeVisit.State.DONE) -> None:
        """Close a visit and cancel its pending tasks."""
        visit.state, visit.outcome, visit.closed_at = state, outcome, self.at
        self.changed(visit)
        cancelled = self.pending(visit)
        for task in cancelled:
            self.cancel(task)
        if cancelled:
            names = [task.assignee.username for task in cancelled]
            self.record_by_system(Kind.TASK_CANCELLED, assignees=names, **self.node_facts(visit))
        self.record_by_system(Kind.NODE_CLOSED, type=visit.type, outcome=outcome, **self.node_facts(visit))

    def cancel(self, task: ApprovalTask, channel: str = Channel.SYSTEM) -> None:
        """Cancel a task. channel: the channel through which a person cancelled it."""
        task.cancel(at=self.at, channel=channel)
        self.changed(task)

    def seat(
        self,
        visit: NodeVisit,
        seats: Iterable[Seat],
        due_at: datetime | None = None,
        *,
        added_to: ApprovalTask | None = None,
        position: str = "",
        **more: Unpack[InTurn],
    ) -> list[ApprovalTask]:
        """Assign people; `more` is added to the event's data."""
        made: list[ApprovalTask] = []
        asked: list[SeatAsked] = []
        limit = self.program.node(visit.node).get("due")
        for seat in seats:
            task = ApprovalTask(
                ticket=self.ticket, visit=visit, assignee=stand_in(seat.person), reason=seat.reason,
                added_to=added_to, position=position, created_at=self.at, due_at=due_at,
            )  # fmt: skip
            made.append(task)
            self.participate(seat.person.id, Participant.Kind.APPROVER)
            asked.append(_asked(seat, task, limit))
        self.tasks += made
        if asked or more:
            self.record_by_system(
                Kind.TASK_ASSIGNED, type=visit.type, assignees=asked, **more, **self.node_facts(visit)
            )
        return made

    def participate(self, user_id: int, kind: str, proxy_id: int | None = None) -> None:
        """Let a person see the ticket from now on. proxy_id: only while this proxy is valid."""
        self._participants.setdefault((user_id, kind), saving.NewPart(user_id, kind, proxy_id))

    def alarm(self, visit: NodeVisit, kind: str, due_at: datetime) -> None:
        """Set a timer."""
        self._timers.append(saving.NewTimer(visit, kind, due_at))

    def changed(self, row: NodeVisit | ApprovalTask) -> None:
        """Mark this row to be written."""
        self._changed.add(id(row))

    # --- writing ----------------------------------------------------------------------------------

    def save(self) -> None:
        """Write everything in one statement, or two (engine.saving); one for each new sub-ticket; and one more if seats
        with added signatures were handed over.
        """
        if self._shown != (self.ticket.state, self.ticket.content_id):
            self.ticket.version += 1
        new = saving.New(
            visits=[visit for visit in self.visits if visit.pk is None],
            tasks=[task for task in self.tasks if task.pk is None],
            participants=self._participants.values(),
            timers=self._timers,
            events=self._events,
        )
        if self.ticket._state.adding:
            saving.create(self.ticket, new)
        else:
            saving.write(self.ticket, self._dirty(self.visits), self._dirty(self.tasks), new)
        unlinked = [task for task in self.tasks if task.added_to and task.added_to_id != task.added_to.pk]
        if unlinked:
            saving.relink(unlinked)
        for child in self.born:
            child.ticket.parent_visit = self.last_visit(child.born_of)  # its id is set only now
            child.save()
        is_alone = not (self.ticket.parent_id or self.ticket.has_files or self.content.facts.get("attachments"))
        self._events, self._participants, self._timers, self._changed, self.born = [], {}, [], set(), []
        self.ticket.saved = Saved(self.visits, self.tasks, self.organisation, is_alone)
        ring(DISPATCH)

    def _dirty(self, rows: list[Any]) -> list[Any]:
        return [row for row in rows if row.pk is not None and id(row) in self._changed]


def _asked(seat: Seat, task: ApprovalTask, limit: str | None) -> SeatAsked:
    """A seat as recorded in the event. Timers are checked against its deadline (promised.py)."""
    asked = SeatAsked(username=seat.person.username, reason=seat.reason)
    if task.added_to is not None:
        asked |= {"added_to": task.added_to.assignee.username, "position": task.position}
    if limit is not None:
        asked["due"] = task.due_at.astimezone(UTC).isoformat() if task.due_at else None
    return asked


def lock(
    at: datetime | None,
    actor: User | None = None,
    *,
    number: str | None = None,
    task: int | None = None,
    visit: int | None = None,
    program: Callable[[int], Program] = load,
) -> Walk:
    """Lock the ticket of this number, task or visit, and load its walk, in two statements. Raises NotFound.

    The ticket's row is the lock: every change to a ticket waits here. A parent is always locked before its sub-tickets.
    at: None for the database's time after the lock was taken (I11). program: how to load the template's version; raises
    BrokenSeal if it checks the seal.
    """
    by, value = next(
        (by, value) for by, value in (("number", number), ("task", task), ("visit", visit)) if value is not None
    )
    found = load_locked(by, value)
    if found is None:
        raise NotFound
    now, ticket, visits, tasks = found
    return Walk(ticket, program(ticket.template_version_id), at or now, visits=visits, tasks=tasks, actor=actor)


def lock_to_answer(at: datetime | None, actor: User, task: int, foretold: Foretold | None) -> Walk:
    """The same by task, for a command whose answer shows the steps to come: all of their rules ask the organisation in
    one statement. foretold: if known, that is read in the trip of the lock.
    """
    if foretold is None:
        walk = lock(at, actor, task=task)
        walk.organisation.expect(walk.program.asks, walk.applicant)
        return walk
    asked = foretold.asked()
    found = load_foretold(task, foretold.ticket, asked)
    if found is None:
        raise NotFound
    (now, ticket, visits, tasks), answers = found
    walk = Walk(ticket, load(ticket.template_version_id), at or now, visits=visits, tasks=tasks, actor=actor)
    walk.organisation.learn(asked, answers)
    return walk
