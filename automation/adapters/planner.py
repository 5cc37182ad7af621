"""Makes plans: an automation node is rendered once, before approval (I15). Registered in tickets.ports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.organisation.people import PersonFacts
from automation.actions.batches import STOP, words
from automation.actions.library import library
from automation.actions.run_input import machine_view
from automation.dry_runs.queries import dry_runs_of
from automation.models import Job
from automation.plans.making import make_plan
from automation.plans.preview import back_in_words, checks_in_words, commands, may_run, risk_of, shown_params
from automation.states.job import Outcome
from templates_engine.program.rendering import AskedStep
from tickets.models.content import Plan


class InventoryPlanner:
    """Makes plans from the current action library and inventory; nothing is looked up there again later."""

    def plan(
        self,
        *,
        node: str,
        action: str,
        params: dict[str, Any],
        hosts: list[str],
        not_before: datetime | None,
        batch: Any = None,
        on_failure: str | None = None,
        applicant: PersonFacts | None = None,
        dry_run: str | None = None,
        stages: Sequence[AskedStep] = (),
        rollback: AskedStep | str | None = None,
    ) -> Plan:
        """The plan of one node, with defaults filled in and hosts frozen. Raises PlanRefused with all findings.

        applicant: the ticket's applicant as of people.facts; None (unknown) may target open groups only.
        batch: how many hosts at once; None for the action's own value, or all. on_failure: stop (None too) or continue.
        stages: all stages if there are several; the first one is `action`. rollback: `previous` for the action's own
        rollback, a step, or None.
        """
        return make_plan(
            node, stages or [AskedStep(action, params, {})], hosts, in_stages=bool(stages), not_before=not_before,
            batch=batch, on_failure=on_failure, applicant=applicant, dry_run=dry_run, rollback=rollback,
        )  # fmt: skip

    def describe(self, plan: Plan) -> dict[str, Any]:
        """{name, risk, command: [text], summary, labels, back, checks}; less if the action is no longer stored.

        labels: parameter → its label for people, in the action's order. command: one line for each stage. back: {name,
        command} of the rollback, or null; checks: the same for each health check. risk: the highest risk of all actions
        that may run.
        """
        action = library().action(plan["action"], plan["version"])
        return {
            "name": action.name if action else plan["action"],
            "risk": risk_of(plan),
            "command": commands(plan),
            "labels": action.labels if action else {},
            "summary": words(plan["targets"], plan.get("batch"), plan.get("on_failure", STOP)),
            "back": back_in_words(plan),
            "checks": checks_in_words(plan),
        }

    def machine(self, plan: dict[str, Any]) -> list[dict[str, str]]:
        """The exact input of the run (automation.actions.run_input); empty for actions that are no longer stored."""
        parts: list[dict[str, str]] = []
        steps = may_run(plan)
        for one in steps:
            action = library().action(one["action"], one["version"])
            of = f"{one['action']}: " if len(steps) > 1 else ""
            view = machine_view(action, shown_params(one), plan["targets"]) if action else []
            parts += [{"kind": part["kind"], "title": of + part["title"], "text": part["text"]} for part in view]
        return parts

    def ending(self, outcome: str) -> str:
        """A job's outcome as text in the active language; an unknown outcome is returned unchanged."""
        return str(Outcome(outcome).label) if outcome in Outcome.values else outcome

    def dry_runs_of(self, ticket_id: int) -> dict[str, dict[str, Any]]:
        """Node → the last dry run of its plan, in the shape of the ticket page."""
        return dry_runs_of(ticket_id)

    def jobs_of(self, ticket_id: int) -> list[dict[str, Any]]:
        """The jobs of a ticket, oldest first, each {id, node, state, outcome}."""
        return list(Job.objects.filter(ticket=ticket_id).order_by("pk").values("id", "node", "state", "outcome"))
