"""The tables in the docstrings match the state machines; every other transition is refused (I01, I08)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django_fsm import TransitionNotAllowed

from tickets.models import ApprovalTask, Ticket
from tickets.states import ApprovalTaskFlow, TaskState, TicketFlow, TicketState
from tickets.states.ticket import FINAL

AT = datetime(2026, 11, 21, tzinfo=UTC)
DECISION = {"by": None, "on_behalf_of": None, "channel": "web", "at": AT, "comment": "", "digest": ""}
ARGUMENTS: dict[Any, dict[str, dict[str, Any]]] = {
    Ticket: {name: {"at": AT} for name in ("submit", "complete", "veto", "withdraw")},
    ApprovalTask: dict.fromkeys(("approve", "confirm", "return_", "veto", "transfer"), DECISION)
    | {"cancel": {"at": AT}},
}
MACHINES = [(TicketFlow, Ticket, TicketState), (ApprovalTaskFlow, ApprovalTask, TaskState)]


def documented(flow) -> set[tuple[str, ...]]:
    rows = [line.split("|") for line in flow.__doc__.splitlines() if line.count("|") == 3]
    return {tuple(cell.strip() for cell in row[:3]) for row in rows[1:] if not row[0].strip().startswith("-")}


def coded(model) -> set[tuple[str, ...]]:
    edges = model._meta.get_field("state").get_all_transitions(model)
    return {(edge.name, str(edge.source), str(edge.target)) for edge in edges}


@pytest.mark.parametrize(("flow", "model", "states"), MACHINES)
def test_docstring_table_is_the_machine(flow, model, states) -> None:
    assert documented(flow) == coded(model)


EVERY = [
    (model, name, state)
    for _flow, model, states in MACHINES
    for name in sorted({edge[0] for edge in coded(model)})
    for state in states.values
]


@pytest.mark.parametrize(("model", "name", "state"), EVERY)
def test_every_transition_from_every_state(model, name, state) -> None:
    row = model(state=state)
    target = {(edge[0], edge[1]): edge[2] for edge in coded(model)}.get((name, state))
    move = getattr(row, name)
    arguments = ARGUMENTS[model].get(name, {})
    if target is None:
        with pytest.raises(TransitionNotAllowed):
            move(**arguments)
        assert row.state == state
    else:
        move(**arguments)
        assert row.state == target


@pytest.mark.parametrize("state", sorted(FINAL))
def test_I08_no_edge_leaves_a_final_state(state) -> None:
    assert not [edge for edge in coded(Ticket) if edge[1] == state]


def test_A10_the_state_cannot_be_assigned() -> None:
    with pytest.raises(AttributeError):
        Ticket().state = "completed"
    with pytest.raises(AttributeError):
        ApprovalTask().state = "approved"
