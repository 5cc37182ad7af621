"""Pending tasks of a ticket in a list, and those the reader may decide."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from accounts.models import Proxy, User
from templates_engine.program.program import Program
from tickets.content.signing import is_high
from tickets.queries.plans import childrens_plans, own_plans
from tickets.queries.seats import PRINCIPALS
from tickets.queries.standing_in import BARRED
from tickets.queries.visible import seats_for

# Whose tasks `u` may decide, at least on some tickets.
SEATS = f"SELECT u.id || ARRAY({PRINCIPALS}) AS ids OFFSET 0"
# The pending tasks of `ticket`, oldest first, as arrays of Asked. What a yes would allow to run is read only for tasks
# of the reader; most rows are for other people.
ASKED = f"""(
    SELECT jsonb_agg(jsonb_build_array(
        task.id, task.assignee_id, person.username, person.name, visit.node, visit.type, task.created_at, task.due_at,
        CASE WHEN task.assignee_id = ANY(seats.ids) THEN (
            SELECT jsonb_build_object(
                'plans', content.plans, 'foreseen', ticket.foreseen, 'children', content.children,
                'released', (
                    SELECT jsonb_agg(gone.node) FROM tickets_nodevisit gone
                    WHERE gone.ticket_id = ticket.id AND gone.type IN ('automation', 'subticket')
                      AND gone.state IN ('open', 'done')
                ),
                'barred', task.assignee_id <> u.id AND {BARRED.replace("%(user)s", "u.id")},
                'signed', visit.passed @> to_jsonb(u.username::text) OR EXISTS (
                    SELECT 1 FROM tickets_approvaltask other
                    WHERE other.visit_id = task.visit_id AND other.decided_by_id = u.id
                      AND other.state NOT IN ('transferred', 'cancelled')
                )
            )
            FROM tickets_contentversion content WHERE content.id = ticket.content_id
        ) END
    ) ORDER BY task.id)
    FROM tickets_approvaltask task
    JOIN accounts_user person ON person.id = task.assignee_id
    JOIN tickets_nodevisit visit ON visit.id = task.visit_id
    WHERE task.ticket_id = ticket.id AND task.state = 'pending'
)"""  # noqa: S608 (constants are put in)


class Asked(NamedTuple):
    """A pending task in a list. signing: what its reader would sign, if the reader may decide it."""

    id: int
    assignee_id: int
    username: str
    name: str
    node: str
    type: str
    created_at: datetime
    due_at: datetime | None
    signing: dict[str, Any] | None

    @classmethod
    def of(cls, values: list[Any]) -> "Asked":
        """A task as ASKED writes it."""
        *known, created_at, due_at, signing = values
        due = due_at and datetime.fromisoformat(due_at)
        return cls._make([*known, datetime.fromisoformat(created_at), due, signing])


def my_tasks(
    asked: Iterable[Asked], row: Mapping[str, Any], program: Program, user: User, held: Iterable[Proxy]
) -> list[dict[str, Any]]:
    """The pending tasks of a ticket that this person may decide, each with what a yes would allow to run. Sorted: own
    tasks first, tasks that somebody else must approve last.

    acting_for: the assignee, if the reader acts as a proxy. signed: the reader has already signed at this step, so
    somebody else must approve (I04). one_by_one: can be approved on the ticket's page only. row: the ticket.
    """
    seats = seats_for(user, held, program.key)
    mine = ((task, task.signing) for task in asked if task.assignee_id in seats and task.signing)
    rows = [_row(task, signing, row, program, user) for task, signing in mine if not signing["barred"]]
    return sorted(rows, key=lambda task: (task["signed"], task["acting_for"] is not None))


def _row(
    task: Asked, signing: Mapping[str, Any], row: Mapping[str, Any], program: Program, user: User
) -> dict[str, Any]:
    plans = _plans(task, signing, row, program, user)
    own = task.assignee_id == user.pk
    return {
        "id": task.id,
        "node": task.node,
        "node_name": program.nodes[task.node]["name"],
        "type": task.type,
        "digest": row["digest"],
        "due_at": task.due_at,
        "acting_for": None if own else task.username,
        "acting_for_name": None if own else task.name,
        "signed": task.type == "approval" and signing["signed"],
        "plans": [_line(plan) for plan in plans],
        "one_by_one": any(is_high(plan) for plan in plans),
    }


def _plans(
    task: Asked, signing: Mapping[str, Any], row: Mapping[str, Any], program: Program, user: User
) -> list[dict[str, Any]]:
    """Only this node is known here, not the reader's other nodes; so at least as much is hidden as on the page."""
    gone = signing["released"] or ()
    plans = {node: plan for node, plan in signing["plans"].items() if node not in gone}
    if not plans and not signing["children"]:
        return []
    whole = user.is_admin or row["applicant"] == user.username
    hidden: Collection[str] = () if whole else _hidden_at(program, task.node)
    return [
        *own_plans(plans, program, hidden, signing["foreseen"]),
        *childrens_plans(signing["children"], program, hidden, gone, whole=whole),
    ]


def _hidden_at(program: Program, node: str) -> frozenset[str]:
    return frozenset(field["key"] for field in program.form if node in field.get("hidden_at", ()))


def _line(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A plan in one line: action, hosts, risk and digest."""
    return {
        "name": plan["name"],
        "action": plan["action"],
        "risk": plan["risk"],
        "command": plan["command"],
        "hosts": [target["name"] for target in plan["targets"]],
        "subticket": plan["subticket"],
        "digest": plan["digest"],
        "dry_run": plan["dry_run"] and {key: plan["dry_run"][key] for key in ("mode", "state", "words")},
    }
