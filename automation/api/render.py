"""Renders actions and jobs for the API."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from accounts.models import User
from automation.actions.batches import STOP
from automation.actions.document import Action
from automation.actions.executors import kind_of
from automation.actions.library import library
from automation.api.progress import progress
from automation.dry_runs.queries import last_of_job, state_of
from automation.executors.verdict import in_words
from automation.models import Job
from automation.plans.preview import back_in_words, checks_in_words, commands
from automation.queries.by_hand import instructions
from automation.queries.jobs import allowed_actions
from automation.queries.queue import Waiting, waiting
from templates_engine.parts import Node
from templates_engine.store.programs import load
from tickets.queries.detail import hidden_from
from tickets.queries.hidden import runs_with, shown_plan, shown_results, tells


def action(found: Action) -> dict[str, Any]:
    """One entry of the catalogue."""
    shown = ("key", "version", "name", "description", "executor", "needs_targets", "risk", "dry_run", "rollback")
    more = ("diff", "timeout_s", "valid_days", "batch", "concurrency", "credentials", "command", "labels")
    return {
        **{name: getattr(found, name) for name in (*shown, *more)},
        "executor_name": kind_of(found.executor).label,
        "read_only": found.is_read_only,
        "health_check": found.health_check,
        "usable_by": found.usable_by or ["everyone"],
        "params": [{"required": False} | field for field in found.fields],
        "schema": found.params,
    }


def job(row: Job, why: Waiting) -> dict[str, Any]:
    """One job as lists show it. why: what the waiting jobs of the list wait for."""
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
        "site": row.site,
        "executor_away": row.pk in why.away,
        "reason": why.reason(row),
        "waits_for": why.shown(row),
        "is_rollback": row.is_rollback,
        "holds_hosts": row.holds_hosts,
        **{name: getattr(row, name) for name in times},
    }


def job_detail(row: Job, user: User, at: datetime) -> dict[str, Any]:
    """One job with its plan and hosts, without values taken from form fields that are hidden from this user (I23)."""
    hidden = hidden_from(user, row.ticket, at)
    plan = row.content.plans[row.node]
    more = {"batch": plan.get("batch"), "on_failure": plan.get("on_failure", STOP)}
    known = library().action(plan["action"], plan["version"])
    results = row.hosts.order_by("pk").values("name", "status", "changed", "touched", "message", "batch")
    hosts = [{**result, "message": in_words(result["message"])} for result in results]
    node = load(row.ticket.template_version_id).node(row.node)
    words = {"command": commands(plan), "back": back_in_words(plan), "checks": checks_in_words(plan)}
    shown = shown_plan({**plan, **words}, node, hidden)
    more |= {key: shown.get(key) for key in ("stages", "rollback", "health_check")}
    return job(row, waiting([row], user, at)) | {
        "plan": {key: shown[key] for key in ("action", "version", "params", "targets", "digest")} | more,
        "labels": known.labels if known else {},
        "command": shown["command"],
        "instructions": instructions(plan) if shown["command"] else None,
        "back": shown["back"],
        "checks": shown["checks"],
        "executor": plan["executor"],
        "progress": progress(hosts, row.only),
        "hosts": shown_results(hosts, node, hidden),
        "dry_run": _dry_run(row, node, hidden),
        "cancel_requested_at": row.cancel_requested_at,
        "pause_requested_at": row.pause_requested_at,
        "allowed_actions": allowed_actions(user, row, at),
    }


def _dry_run(row: Job, node: Node, hidden: Collection[str]) -> dict[str, Any] | None:
    """The last dry run of this job's plan, without what the hidden fields would reveal."""
    run = last_of_job(row)
    if run is None:
        return None
    shown = {key: value for key, value in state_of(run).items() if key != "plan"}
    if tells(node.get("targets"), hidden):
        return shown | {"summary": None, "words": "", "message": "", "progress": None}
    return shown | ({"message": ""} if runs_with(node, hidden) else {})
