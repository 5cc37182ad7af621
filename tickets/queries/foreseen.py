"""The dry run of a plan, as its reader may see it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.models import User
from accounts.permissions import OPERATE, has_permission
from templates_engine.parts import Node
from tickets.models import ApprovalTask, Ticket
from tickets.models.content import Plan
from tickets.queries.hidden import runs_with, tells
from tickets.queries.visible import held_by, seats_for
from tickets.rules.dry_run_rules import Foreseen, last_of
from tickets.rules.rights import is_own
from tickets.states import TaskState

LATER = {"state": "later", "summary": None, "words": "", "digest": "", "message": "", "progress": None,
         "finished_at": None}  # fmt: skip


def shown_dry_run(
    plan: Plan,
    foreseen: Mapping[str, Foreseen] | None,
    node: Node,
    hidden: Collection[str],
    made: Mapping[str, Any] | None = None,
) -> dict[str, Any] | None:
    """{mode, state, summary, words, digest, message, progress, finished_at}; None for a plan without dry run.

    foreseen: the ticket's; None for a sub-ticket not created yet. made: the last dry run started, from the planner.
    """
    if "dry_run" not in plan:
        return None
    shown: dict[str, Any] = {"mode": plan["dry_run"], **LATER, "may_repeat": False}
    if foreseen is None:
        return shown
    last = last_of(foreseen, plan)
    shown["state"] = last["state"] if last else "waiting"
    if last:
        shown |= {key: last[key] for key in ("summary", "words", "digest")}
    if made and made["plan"] == plan["digest"]:
        shown |= {key: made[key] for key in ("state", "message", "progress", "finished_at")}
    if tells(node.get("targets"), hidden):
        return shown | {"summary": None, "words": "", "message": "", "progress": None}
    return shown | ({"message": ""} if runs_with(node, hidden) else {})


def settle_dry_runs(plans: Iterable[dict[str, Any]], open_ones: Collection[str], *, may_ask: bool) -> None:
    """Mark which dry runs of these plans may be repeated, and drop those that never had a result and no longer can.

    open_ones: the nodes whose plans are still to be approved.
    """
    for plan in plans:
        shown, is_open = plan["dry_run"], plan["node"] in open_ones
        if shown and not is_open and shown["state"] in ("waiting", "running"):
            plan["dry_run"] = None
        elif shown:
            shown["may_repeat"] = is_open and may_ask and shown["state"] not in ("waiting", "running")


def sees_contents(user: User, ticket: Ticket, at: datetime) -> bool:
    """Whether this person may read what stands in files of hosts, as a dry run finds it before anybody has approved.

    Operators, and who approves here, was asked to, or does so for somebody; never of what he himself asks for or has
    changed: he would choose what to read.
    """
    if has_permission(user, OPERATE):
        return True
    if is_own(ticket, ticket.content, user.pk):
        return False
    seats = seats_for(user, held_by(user, at), ticket.template_version.template.key)
    asked = ApprovalTask.objects.filter(ticket=ticket, visit__type="approval")
    return asked.filter(Q(assignee__in=seats) | Q(decided_by=user)).exists()


def may_ask(ticket: Ticket, user: User, seats: Collection[int], tasks: Iterable[ApprovalTask]) -> bool:
    """Whether this person may request another dry run: the applicant, those asked to decide now, and operators.

    seats: ids of the people whose tasks this person may decide.
    """
    if ticket.applicant_id == user.pk or user.is_admin:
        return True
    asked = any(task.state == TaskState.PENDING and task.assignee_id in seats for task in tasks)
    return asked or has_permission(user, OPERATE)
