"""Pending tasks of a page of tickets, and those the reader may decide, in one statement."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from accounts.models import Proxy, User
from common.prepared import prepared
from templates_engine.program.program import Program
from tickets.content.signing import is_high
from tickets.queries.plans import childrens_plans, own_plans
from tickets.queries.standing_in import BARRED
from tickets.queries.visible import seats_for

# What a yes would allow to run is read only for tasks of the reader; most rows are for other people.
WAITING = f"""
SELECT task.ticket_id, task.id, task.assignee_id, person.username, person.name, visit.node, visit.type,
       task.created_at, task.due_at,
       CASE WHEN task.assignee_id = ANY(%(seats)s) THEN (
           SELECT jsonb_build_object(
               'plans', content.plans, 'foreseen', ticket.foreseen,
               'children', content.children,
               'released', (
                   SELECT jsonb_agg(gone.node) FROM tickets_nodevisit gone
                   WHERE gone.ticket_id = task.ticket_id AND gone.type IN ('automation', 'subticket')
                     AND gone.state IN ('open', 'done')
               ),
               'barred', task.assignee_id <> %(user)s AND {BARRED},
               'signed', visit.passed @> to_jsonb(%(username)s::text) OR EXISTS (
                   SELECT 1 FROM tickets_approvaltask other
                   WHERE other.visit_id = task.visit_id AND other.decided_by_id = %(user)s
                     AND other.state NOT IN ('transferred', 'cancelled')
               )
           )::text
           FROM tickets_ticket ticket JOIN tickets_contentversion content ON content.id = ticket.content_id
           WHERE ticket.id = task.ticket_id
       ) END
FROM tickets_approvaltask task
JOIN accounts_user person ON person.id = task.assignee_id
JOIN tickets_nodevisit visit ON visit.id = task.visit_id
WHERE task.ticket_id = ANY(%(tickets)s) AND task.state = 'pending'
ORDER BY task.id
"""  # noqa: S608 (a constant is put in)


class Asked(NamedTuple):
    """A pending task in a list. signing: what its reader would sign, if the reader may decide it (JSON)."""

    id: int
    assignee_id: int
    username: str
    name: str
    node: str
    type: str
    created_at: datetime
    due_at: datetime | None
    signing: str | None


def waiting(ticket_ids: list[int], user: User, held: Iterable[Proxy]) -> dict[int, list[Asked]]:
    """Ticket → its pending tasks, in one statement; none for an empty list. held: the proxies this person holds."""
    found: dict[int, list[Asked]] = {}
    if not ticket_ids:
        return found
    seats = [user.pk, *(proxy.principal_id for proxy in held)]
    parameters: dict[str, Any] = {"tickets": ticket_ids, "seats": seats, "user": user.pk, "username": user.username}
    with prepared() as cursor:
        cursor.execute(WAITING, parameters)
        for ticket_id, *columns in cursor.fetchall():
            found.setdefault(ticket_id, []).append(Asked(*columns))
    return found


def my_tasks(
    asked: Iterable[Asked], row: Mapping[str, Any], program: Program, user: User, held: Iterable[Proxy]
) -> list[dict[str, Any]]:
    """The pending tasks of a ticket that this person may decide, each with what a yes would allow to run. Sorted: own
    tasks first, tasks that somebody else must approve last.

    acting_for: the assignee, if the reader acts as a proxy. signed: the reader has already signed at this step, so
    somebody else must approve (I04). one_by_one: can be approved on the ticket's page only. row: the ticket.
    """
    seats = seats_for(user, held, program.key)
    mine = ((task, orjson.loads(task.signing)) for task in asked if task.assignee_id in seats and task.signing)
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
        "digest": row["content__digest"],
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
    whole = user.is_admin or row["applicant__username"] == user.username
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
