"""The data of events about the ticket itself."""

from typing import NotRequired

from templates_engine.forms.values import FieldChange
from templates_engine.text import Text
from tickets.trail.shapes.base import AtNode, EventData, EventKind


class TicketCreated(EventData):
    """parent: number of the ticket that opened it. by_rule: the rule about typed lines that opened it."""

    template: str
    template_version: int
    title: str
    parent: NotRequired[str]
    by_rule: NotRequired[int]


class TicketKept(EventData):
    """A draft was saved again."""

    content: int
    title: str
    priority: str
    template_version: int


class TicketSubmitted(EventData):
    """content: its number. digest: what people sign."""

    content: int
    digest: str
    title: str
    template_version: int


class TicketResubmitted(EventData):
    """nodes: those to come back to. If it was changed: diff, and in again the nodes whose people are asked again."""

    content: int
    digest: str
    nodes: list[str]
    diff: NotRequired[list[FieldChange]]
    again: NotRequired[list[str]]


class TicketEdited(AtNode):
    """voided: whether all earlier decisions are. again: the nodes whose people are asked again."""

    content: int
    digest: str
    diff: list[FieldChange]
    voided: bool
    again: list[str]
    comment: str


class TicketReturned(EventData):
    """Returned to the applicant."""

    node: str
    name: Text
    to: str
    comment: str


class TicketWithdrawn(EventData):
    """parent: number of the ticket that was withdrawn or closed, and this one with it."""

    comment: str
    parent: NotRequired[str]


class TicketVetoed(EventData):
    node: str
    name: Text
    comment: str


class TicketCompleted(EventData):
    pass


class TicketFailed(EventData):
    """reason: the outcome of the job."""

    node: str
    name: Text
    reason: str


class TicketRated(EventData):
    score: int
    comment: str


class TicketCommented(EventData):
    text: str


class TicketAttached(EventData):
    """attachment: its id. name: of the file."""

    attachment: str
    name: str
    size: int
    sha256: str


class TicketReminded(EventData):
    """The usernames reminded; from a timer also the visit."""

    assignees: list[str]
    node: NotRequired[str]
    name: NotRequired[Text]
    round: NotRequired[int]


class TicketStuck(EventData):
    """Without a round: it was returned to somebody who has left."""

    problem: Text
    node: NotRequired[str]
    name: NotRequired[Text]
    round: NotRequired[int]


class TicketCopied(EventData):
    """users: who can see it from now on. by_proxy: they see it while this proxy is valid."""

    users: list[str]
    by_proxy: NotRequired[int]
    node: NotRequired[str]
    name: NotRequired[Text]
    round: NotRequired[int]


class TicketKinds:
    """Kinds of events about a ticket and its way."""

    TICKET_CREATED = EventKind("ticket.created", TicketCreated)
    TICKET_KEPT = EventKind("ticket.kept", TicketKept)
    TICKET_SUBMITTED = EventKind("ticket.submitted", TicketSubmitted)
    TICKET_RESUBMITTED = EventKind("ticket.resubmitted", TicketResubmitted)
    TICKET_RETURNED = EventKind("ticket.returned", TicketReturned)
    TICKET_WITHDRAWN = EventKind("ticket.withdrawn", TicketWithdrawn)
    TICKET_VETOED = EventKind("ticket.vetoed", TicketVetoed)
    TICKET_COMPLETED = EventKind("ticket.completed", TicketCompleted)
    TICKET_FAILED = EventKind("ticket.failed", TicketFailed)
    TICKET_RATED = EventKind("ticket.rated", TicketRated)
    TICKET_COMMENTED = EventKind("ticket.commented", TicketCommented)
    TICKET_ATTACHED = EventKind("ticket.attached", TicketAttached)
    TICKET_REMINDED = EventKind("ticket.reminded", TicketReminded)
    TICKET_EDITED = EventKind("ticket.edited", TicketEdited)
    TICKET_STUCK = EventKind("ticket.stuck", TicketStuck)
    TICKET_COPIED = EventKind("ticket.copied", TicketCopied)
