"""Rows as the API shows them."""

from datetime import datetime
from typing import Any

from accounts.models import User
from automation.batches import STOP, batch_numbers
from automation.models import Host, Job
from automation.planner import preview
from automation.queries.jobs import allowed_actions
from automation.registry import Action, library
from automation.verdict import in_words
from templates_engine.program import load
from tickets.queries.detail import hidden_from
from tickets.queries.hidden import shown_plan, shown_results


def action(found: Action) -> dict[str, Any]:
    """One entry of the catalogue."""
    shown = ("key", "version", "name", "description", "executor", "is_read_only", "needs_targets", "risk")
    more = ("timeout_s", "valid_days", "command", "labels", "params")
    return {name: getattr(found, name) for name in (*shown, *more)}


def host(row: Host, *, to_operator: bool) -> dict[str, Any]:
    """One host; how it is reached only for those who operate."""
    shown = ("name", "connection", "groups", "labels", "is_active")
    guarded = ("address", "port", "user", "variables")
    return {name: getattr(row, name) for name in shown} | {
        name: getattr(row, name) if to_operator else None for name in guarded
    }


def job(row: Job) -> dict[str, Any]:
    """One job as lists show it."""
    known = library().action(row.action)
    times = ("not_before", "expires_at", "created_at", "started_at", "finished_at")
    return {
        "id": row.pk,
        "ticket": {"number": row.ticket.number, "title": row.ticket.title, "state": row.ticket.state},
        "node": row.node,
        "node_name": row.node_name,
        "action": row.action,
        "action_name": known.name if known else row.action,
        "state": row.state,
        "outcome": row.outcome,
        "attempt": row.attempt,
        **{name: getattr(row, name) for name in times},
    }


def job_detail(row: Job, user: User, at: datetime) -> dict[str, Any]:
    """One job with its plan and its hosts, without what they took from fields hidden from this person (I23)."""
    hidden = hidden_from(user, row.ticket, at)
    plan = row.content.plans[row.node]
    batching = {"batch": plan.get("batch"), "on_failure": plan.get("on_failure", STOP)}
    known = library().action(row.action)
    batches = batch_numbers(plan, row.only)
    results = row.hosts.order_by("pk").values("name", "status", "changed", "message")
    hosts = [
        {**result, "message": in_words(result["message"]), "batch": batches.get(result["name"])} for result in results
    ]
    command = [preview(known, plan["params"])] if known else []
    node = load(row.ticket.template_version_id).node(row.node)
    shown = shown_plan({**plan, "command": command}, node, hidden)
    return job(row) | {
        "plan": {key: shown[key] for key in ("action", "version", "params", "targets", "digest")} | batching,
        "labels": known.labels if known else {},
        "command": shown["command"],
        "hosts": shown_results(hosts, node, hidden),
        "cancel_requested_at": row.cancel_requested_at,
        "allowed_actions": allowed_actions(user, row, at),
    }
