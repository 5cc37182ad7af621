"""DECIDE: in one process, three approvals in a row; the same steps by SpiffWorkflow, stored as JSON after each."""

import json
import os
import subprocess
from statistics import median
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import User
from config.environment import ROOT
from devtools.bootstrap import SPIFF_VENV, python_of
from tests.bench.bed import Bed
from tests.bench.sides import libpq
from tests.bench.stepping import Cost, measured
from tickets.commands.decide import decide
from tickets.commands.submit import create
from tickets.models import ApprovalTask, Ticket

FORM = {"subject": "leave", "days": 3}
APPROVERS = ("bob", "dave", "carol")
Costs = dict[str, Cost]


def run(bed: Bed) -> dict[str, Any]:
    """Steps a second and processor time of each (process and database), medians of passes that take turns."""
    count, passes = bed.pick(100, 500), bed.pick(3, 5)
    ours(10)  # what is loaded and prepared once
    found = {"ours": [ours(count)], "SpiffWorkflow": [spiff(count)]}
    for number in range(1, passes):
        for name, side in (("ours", ours), ("SpiffWorkflow", spiff))[:: -1 if number % 2 else 1]:
            found[name].append(side(count))
    figures: dict[str, Any] = {}
    for step in ("start", "decide"):
        costs = {name: [cost[step] for cost in passed] for name, passed in found.items()}
        figures |= {f"{step}, {name}": _summary(passed) for name, passed in costs.items()}
        pairs = list(zip(costs["ours"], costs["SpiffWorkflow"], strict=True))
        figures[f"{step}, ours : SpiffWorkflow"] = {
            "rate": round(median(_rate(our) / _rate(its) for our, its in pairs), 2),
            "by_cpu": round(median(_cpu_ms(its) / _cpu_ms(our) for our, its in pairs), 2),
        }
    return figures


def ours(count: int) -> Costs:
    """Submit so many tickets and decide them, with rules, events and outbox."""
    people = {name: User.objects.get(username=name) for name in ("alice", *APPROVERS)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    made: list[Ticket] = []

    def start() -> int:
        made.extend(create(template="bench", form=FORM, actor=people["alice"], at=timezone.now()) for _ in range(count))
        return count

    def say_yes(name: str) -> Cost:
        rows = ApprovalTask.objects.filter(ticket__in=made, state="pending", assignee=people[name])
        tasks = list(rows.values_list("pk", flat=True))
        assert len(tasks) == count
        return measured(lambda: sum(_approve(task, people[name]) for task in tasks), backend)

    started = measured(start, backend)
    return {"start": started, "decide": _sum([say_yes(name) for name in APPROVERS])}


def _approve(task: int, actor: User) -> int:
    decide(task_id=task, verb="approve", actor=actor, channel="web")
    return 1


def spiff(count: int) -> Costs:
    """The same by SpiffWorkflow, in a process of its own."""
    command = [python_of(SPIFF_VENV), "-m", "tests.bench.spiff", libpq(os.environ["DATABASE_URL"]), str(count)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return {name: Cost(**cost) for name, cost in json.loads(done.stdout).items()}


def _sum(costs: list[Cost]) -> Cost:
    return Cost(*(sum(values) for values in zip(*((c.steps, c.seconds, c.cpu_s) for c in costs), strict=True)))


def _rate(cost: Cost) -> float:
    return cost.steps / cost.seconds


def _cpu_ms(cost: Cost) -> float:
    return 1000 * cost.cpu_s / cost.steps


def _summary(costs: list[Cost]) -> dict[str, float]:
    return {"per_s": round(median(map(_rate, costs))), "cpu_ms": round(median(map(_cpu_ms, costs)), 2)}
