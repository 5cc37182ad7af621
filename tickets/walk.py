"""One ticket, locked, with everything a command may look at or change, and one place that writes it back.

A command loads a Walk, lets pure functions change it (tickets/advance.py, tickets/nodes/), and saves it: a fixed,
small number of statements whatever happened. States move through the machines' transitions only; `save` is the
one place where their results are written in bulk.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from accounts.models import User
from accounts.people import Organisation, Person, person
from accounts.proxies import Standing
from config.doorbell import ring
from templates_engine.approvers import Circumstances, Seat
from templates_engine.expressions import Facts
from templates_engine.program import Program, load
from tickets import events, saving
from tickets.circumstances import circumstances, content_facts
from tickets.errors import NotFound
from tickets.events import Kind, NewEvent
from tickets.loading import load_locked, stand_in
from tickets.models import ApprovalTask, ContentVersion, NodeVisit, Participant, Ticket, Timer
from tickets.quorum import Vote
from tickets.seats import NO_SEAT, tasks_of, votes
from tickets.states import TaskState
from tickets.states.approval_task import Channel

OPEN = NodeVisit.State.OPEN
DISPATCH = "tickets.dispatch_outbox"


@dataclass
class Walk:
    """A locked ticket. `visits` and `tasks` hold all of them, oldest first, new ones included.

    todo: node keys still to be entered, the next one last. ahead: of such a key, the nodes to come back to, what lies
    before them being done. asked_again: a node that somebody returned the ticket to, whose people are asked even where
    they have approved before. born: new sub-tickets, saved together with this one; born_of: of such a one, the
    parent's node.
    """

    ticket: Ticket
    program: Program
    at: datetime
    organisation: Organisation = field(default_factory=Organisation)
    visits: list[NodeVisit] = field(default_factory=list)
    tasks: list[ApprovalTask] = field(default_factory=list)
    actor: User | None = None
    on_behalf_of: User | None = None
    proxy: Standing | None = None  # by which proxy the actor acts on behalf of somebody
    todo: list[str] = field(default_factory=list)
    ahead: dict[str, list[str]] = field(default_factory=dict)
    asked_again: str = ""
    born: list["Walk"] = field(default_factory=list)
    born_of: str = ""
    _events: list[NewEvent] = field(default_factory=list)
    _participants: dict[tuple[int, str], Participant] = field(default_factory=dict)
    _timers: list[Timer] = field(default_factory=list)
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

    def circumstances(self) -> Circumstances:
        """What the rules may ask, of today's organisation."""
        return circumstances(self.ticket, self.program, self.organisation)

    def open_visits(self) -> list[NodeVisit]:
        """The tokens."""
        return [visit for visit in self.visits if visit.state == OPEN]

    def last_visit(self, key: str) -> NodeVisit | None:
        """The newest round of a node."""
        return next((visit for visit in reversed(self.visits) if visit.node == key), None)

    def tasks_of(self, visit: NodeVisit) -> list[ApprovalTask]:
        """Everything asked in one visit, and what was decided before and counts in it."""
        return tasks_of(visit, self.tasks)

    def seats_of(self, visit: NodeVisit) -> list[ApprovalTask]:
        """The seats of one visit: what was handed on or cancelled is none."""
        return [task for task in self.tasks_of(visit) if task.state not in NO_SEAT]

    def pending(self, visit: NodeVisit) -> list[ApprovalTask]:
        """The seats of one visit that are still open."""
        return [task for task in self.tasks_of(visit) if task.state == TaskState.PENDING]

    def votes(self, visit: NodeVisit) -> list[Vote]:
        """The seats as they count, those still to be asked included."""
        return votes(self.seats_of(visit), visit)

    @property
    def amended(self) -> frozenset[str]:
        """The digest of this content, and of those that it amends: what was made on them need not be made anew."""
        return frozenset({self.content.digest, *self.content.facts.get("amends", ())})

    def standing_at(self, node: str) -> frozenset[str]:
        """The digests on which a decision made at this node still stands: fewer where its people are asked again."""
        facts = self.content.facts
        return frozenset({self.content.digest, *facts.get("amends", ())[facts.get("again", {}).get(node, 0) :]})

    def stands(self, task: ApprovalTask) -> bool:
        """Whether this task was decided with a yes that still stands."""
        is_yes = task.state in (TaskState.APPROVED, TaskState.CONFIRMED)
        return is_yes and task.digest in self.standing_at(task.visit.node)

    def places(self) -> list[str]:
        """The nodes where the ticket stands: the open ones, and those that it comes back to."""
        opened = self.open_visits()
        return list(dict.fromkeys([visit.node for visit in opened] + [key for visit in opened for key in visit.reopen]))

    # --- changing ---------------------------------------------------------------------------------

    def record(self, kind: Kind, *, system: bool = False, **data: Any) -> None:
        """Write down what happened; by the actor of this walk unless the chain itself did it."""
        actor = None if system or self.actor is None else self.actor.pk
        behalf = None if system or self.on_behalf_of is None else self.on_behalf_of.pk
        by = {"proxy": self.proxy} if behalf and self.proxy else {}
        event = events.append(self.ticket, kind, at=self.at, actor_id=actor, on_behalf_of_id=behalf, data=data | by)
        self._events.append(event)

    def node_facts(self, visit: NodeVisit) -> dict[str, Any]:
        """What events say of a visit's node."""
        return {"node": visit.node, "name": self.program.node(visit.node)["name"], "round": visit.round}

    def adopt(self, content: ContentVersion) -> None:
        """From now on this content is judged (I5)."""
        self.ticket.content = content

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
            self.cancel(task)
        if cancelled:
            names = [task.assignee.username for task in cancelled]
            self.record(Kind.TASK_CANCELLED, system=True, assignees=names, **self.node_facts(visit))
        self.record(Kind.NODE_CLOSED, system=True, type=visit.type, outcome=outcome, **self.node_facts(visit))

    def cancel(self, task: ApprovalTask, channel: str = Channel.SYSTEM) -> None:
        """Nobody waits for this one any more. channel: through which a person took it back."""
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
        **more: Any,
    ) -> list[ApprovalTask]:
        """Ask people; `more` is said in the event besides."""
        made, asked = [], []
        limit = self.program.node(visit.node).get("due")
        for seat in seats:
            task = ApprovalTask(
                ticket=self.ticket, visit=visit, assignee=stand_in(seat.person), reason=seat.reason,
                added_to=added_to, position=position, created_at=self.at, due_at=due_at,
            )  # fmt: skip
            made.append(task)
            self.participate(seat.person.id, Participant.Kind.APPROVER)
            asked.append({"username": seat.person.username, "reason": seat.reason, **_added(task), **_due(task, limit)})
        self.tasks += made
        if asked or more:
            self.record(
                Kind.TASK_ASSIGNED, system=True, type=visit.type, assignees=asked, **more, **self.node_facts(visit)
            )
        return made

    def participate(self, user_id: int, kind: str, proxy_id: int | None = None) -> None:
        """Let a person see the ticket from now on; proxy_id: as long as this proxy holds."""
        part = Participant(ticket=self.ticket, user_id=user_id, kind=kind, proxy_id=proxy_id)
        self._participants.setdefault((user_id, kind), part)

    def alarm(self, visit: NodeVisit, kind: str, due_at: datetime) -> None:
        """Set a timer."""
        self._timers.append(Timer(visit=visit, kind=kind, due_at=due_at))

    def changed(self, row: NodeVisit | ApprovalTask) -> None:
        """Remember to write this row."""
        self._changed.add(id(row))

    # --- writing ----------------------------------------------------------------------------------

    def save(self) -> None:
        """Write everything: two statements, as many for each new sub-ticket, one more where seats with added
        signatures were handed on."""
        if self._shown != (self.ticket.state, self.ticket.content_id):
            self.ticket.version += 1
        if self.ticket._state.adding:
            saving.create(self.ticket, self.content)
        else:
            saving.update(self.ticket, self._dirty(self.visits), self._dirty(self.tasks))
        visits = [visit for visit in self.visits if visit.pk is None]
        tasks = [task for task in self.tasks if task.pk is None]
        participants, timers = self._participants.values(), self._timers
        if visits or tasks or participants or timers or self._events:
            saving.insert(
                self.ticket, visits=visits, tasks=tasks, participants=participants, timers=timers,
                events=self._events,
            )  # fmt: skip
        unlinked = [task for task in self.tasks if task.added_to and task.added_to_id != task.added_to.pk]
        if unlinked:
            saving.relink(unlinked)
        for child in self.born:
            child.ticket.parent_visit = self.last_visit(child.born_of)  # it has its id only now
            child.save()
        self._events, self._participants, self._timers, self._changed, self.born = [], {}, [], set(), []
        ring(DISPATCH)

    def _dirty(self, rows: list[Any]) -> list[Any]:
        return [row for row in rows if row.pk is not None and id(row) in self._changed]


def _due(task: ApprovalTask, limit: str | None) -> dict[str, Any]:
    """Until when somebody has time, as his timer is held to it (tickets.promised); nothing where the node gives any."""
    if limit is None:
        return {}
    return {"due": task.due_at.astimezone(UTC).isoformat() if task.due_at else None}


def _added(task: ApprovalTask) -> dict[str, Any]:
    """What an event says of a signature that was added to a seat."""
    if task.added_to is None:
        return {}
    return {"added_to": task.added_to.assignee.username, "position": task.position}


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

    The ticket's row is the lock: whoever changes anything about a ticket waits here for its turn. A parent is always
    locked before its sub-tickets. at: None for the moment at which the lock was had, by the database's clock (I11).
    program: how the template's version is read. Raises BrokenSeal where that judges it.
    """
    by, value = next(
        (by, value) for by, value in (("number", number), ("task", task), ("visit", visit)) if value is not None
    )
    found = load_locked(by, value)
    if found is None:
        raise NotFound
    now, ticket, visits, tasks = found
    return Walk(ticket, program(ticket.template_version_id), at or now, visits=visits, tasks=tasks, actor=actor)
