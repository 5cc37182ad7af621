"""Plans: an automation node rendered once, before anybody approves it (I15). Plugged into tickets.ports."""

import re
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from automation.batches import CONTINUE, STOP, is_batch, words
from automation.inventory.names import is_host_name
from automation.models import Host, Job
from automation.registry import Action, library
from automation.schema import findings, with_defaults
from automation.states.job import Outcome
from automation.values import faults, finding, visible
from tickets.digests import plan_digest
from tickets.errors import PlanRefused
from tickets.models.content import Plan, Target

MAX_TARGETS = 500
PREVIEW_VALUE_MAX = 200
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class InventoryPlanner:
    """Plans from the action library and the inventory as they are now; nothing is looked up again later."""

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
    ) -> Plan:
        """The plan of one node, defaults filled in, hosts frozen. Raises PlanRefused with every finding.

        batch: in which portions the hosts are taken, None for all at once. on_failure: stop (None too) or continue.
        """
        where = f"plans.{node}"
        known = library().action(action)
        if known is None:
            raise PlanRefused([finding(f"{where}.action", "unknown_action", _("There is no such action."))])
        values = with_defaults(known.params, params)
        wrong = [*faults(values, f"{where}.params"), *findings(known.params, values, f"{where}.params")]
        targets, unusable = resolve(hosts, f"{where}.targets", needed=known.needs_targets)
        wrong += _batching_faults(where, batch, on_failure)
        if wrong or unusable:
            raise PlanRefused([*wrong, *unusable])
        plan = Plan(
            node=node,
            action=known.key,
            version=known.version,
            executor=known.executor,
            params=values,
            targets=targets,
            not_before=not_before.astimezone(UTC).isoformat() if not_before else None,
            valid_days=known.valid_days,
            digest="",
        )
        if batch is not None:
            plan["batch"] = batch
        if batch is not None or on_failure == CONTINUE:  # what says neither keeps the digest it always had
            plan["on_failure"] = on_failure or STOP
        plan["digest"] = plan_digest(plan)
        return plan

    def describe(self, plan: Plan) -> dict[str, Any]:
        """{name, risk, command: [text], summary, labels}; of an action that is gone, what the plan still says.

        labels: parameter → its name for people, in the order in which the action asks for them.
        """
        action = library().action(plan["action"])
        return {
            "name": action.name if action else plan["action"],
            "risk": action.risk if action else "high",
            "command": [preview(action, plan["params"])] if action else [],
            "labels": action.labels if action else {},
            "summary": words(plan["targets"], plan.get("batch"), plan.get("on_failure", STOP)),
        }

    def ending(self, outcome: str) -> str:
        """What the outcome of a job says, in the active language; an unknown one as it is."""
        return str(Outcome(outcome).label) if outcome in Outcome.values else outcome

    def jobs_of(self, ticket_id: int) -> list[dict[str, Any]]:
        """The jobs of a ticket, oldest first, each {id, node, state, outcome}."""
        return list(Job.objects.filter(ticket=ticket_id).order_by("pk").values("id", "node", "state", "outcome"))


def _batching_faults(where: str, batch: Any, on_failure: str | None) -> list[dict[str, str]]:
    """What cannot be read of how the hosts are to be taken; the template's check says so earlier."""
    found = []
    if batch is not None and not is_batch(batch):
        text = _("A batch is a number of hosts, a percentage such as 25%, or a list of those.")
        found.append(finding(f"{where}.batch", "bad_batch", text))
    if on_failure not in (None, STOP, CONTINUE):
        text = _("After a failure, a run can stop or continue.")
        found.append(finding(f"{where}.on_failure", "bad_on_failure", text))
    return found


def resolve(names: list[str], path: str, *, needed: bool) -> tuple[list[Target], list[dict[str, str]]]:
    """The named hosts, in this order, as a plan freezes them; and a finding for every unusable name.

    No pattern, group or keyword is ever expanded (A30).
    """
    if not names and needed:
        return [], [finding(path, "no_hosts", _("Choose at least one host."))]
    if len(names) > MAX_TARGETS:
        text = _("At most %(limit)s hosts are possible in one plan.") % {"limit": MAX_TARGETS}
        return [], [finding(path, "too_many_hosts", text)]
    plain = [name for name in names if is_host_name(name)]
    known = {host.name: host for host in Host.objects.filter(name__in=plain, is_active=True)}
    targets: dict[str, Target] = {}
    wrong = []
    for index, name in enumerate(names):
        host = known.get(name) if isinstance(name, str) else None
        if host is None:
            text = _("No active host has this name. Patterns and groups are not possible.")
            wrong.append(finding(f"{path}[{index}]", "unknown_host", text))
        elif name in targets:
            wrong.append(finding(f"{path}[{index}]", "duplicate_host", _("This host is named twice.")))
        else:
            targets[name] = Target(name=name, address=host.reach, connection=host.connection)
    return list(targets.values()), wrong


def preview(action: Action, params: dict[str, Any]) -> dict[str, str]:
    """The action's one-line command in both languages, values put in, odd characters made visible (A27)."""

    def value(match: re.Match[str]) -> str:
        text = visible(str(params.get(match.group(1), ""))).replace("\t", "\\t").replace("\n", "\\n")
        return text if len(text) <= PREVIEW_VALUE_MAX else text[:PREVIEW_VALUE_MAX] + "…"

    return {language: _PLACEHOLDER.sub(value, text) for language, text in action.command.items()}
