"""B1–B4, PAGE, ME: what people do most, side by side.

Every pass measures each side once, for a few seconds with as many connections, in turns: what the neighbours of this
machine do meets all sides alike. Figures are medians of the passes; a ratio is the median of the ratios within a pass.
cpu_ms: processor time of web server and database for one answer, which the neighbours change least.
"""

import json
import random
from collections.abc import Callable
from statistics import median
from typing import Any

from tests.bench import wrk
from tests.bench.bed import Bed
from tests.bench.seed import busy_approver
from tests.bench.sides import Side, started

BUSY_PAGE = 50
LISTS = ("todo", "done", "mine", "cc", "all")
FIRST_GUESS_PER_S = 50
SPARE = 1.5
Requests = Callable[[Side, int, float], list[bytes]]


def submits(side: Side, _size: int, _seconds: float) -> list[bytes]:
    """Tickets with three approvers, by two people, whose manager is bob."""
    return [submit(side, ("alice", "heidi")[number % 2], number) for number in range(2000)]


def submit(side: Side, username: str, number: int) -> bytes:
    """One ticket."""
    body = {"template": "bench", "title": f"Ticket {number}", "form": {"subject": "leave", "days": 1 + number % 20}}
    return side.request(username, "POST", "tickets", json.dumps(body).encode())


def waiting(side: Side, count: int) -> list[dict[str, Any]]:
    """Rows of bob's to-do list, at least so many; tickets are submitted for what is missing."""
    for _ in range(60):
        rows = waiting_now(side, count)
        if len(rows) >= count:
            return rows
        wrk.load(side.port, submits(side, 0, 0), 2, again=True)
    raise AssertionError(f"{side.name}: {count} tickets were not submitted in two minutes")


def waiting_now(side: Side, count: int) -> list[dict[str, Any]]:
    """Rows of bob's to-do list, at most so many."""
    rows: list[dict[str, Any]] = []
    following: str | None = ""
    while following is not None and len(rows) < count:
        cursor = f"&cursor={following}" if following else ""
        answer = side.client("bob").get(f"tickets?box=todo&limit=100{cursor}")
        rows += answer["results"]
        following = answer["next"]
    return rows[:count]


def enough(side: Side, name: str, share: float, seconds: float) -> int:
    """How many decisions a pass can need, by the rate of the pass before, else of submitting."""
    rate = side.rates.get(name) or side.rates.get("B1", FIRST_GUESS_PER_S)
    return max(2 * wrk.CONNECTIONS, round(rate * SPARE * share * seconds))


def approval(side: Side, row: dict[str, Any]) -> bytes:
    """Bob's yes to the first step, on the digest and version that were shown; then the second step opens."""
    task = row["my_tasks"][0]
    body = {"comment": "", "digest": task.get("digest"), "ticket_version": row["version"]}
    return side.request("bob", "POST", f"tasks/{task['id']}/approve", json.dumps(body).encode())


def approvals(side: Side, _size: int, seconds: float) -> list[bytes]:
    """Each on a ticket of its own."""
    return [approval(side, row) for row in waiting(side, enough(side, "B2", 1, seconds))]


def first_page(side: Side, size: int, _seconds: float) -> list[bytes]:
    """The first page of somebody with a thousand open tasks, the newest of all."""
    return [side.request(busy_approver(size), "GET", "tickets?box=todo")]


def late_page(side: Side, size: int, _seconds: float) -> list[bytes]:
    """Page 50 of the same list, found page by page."""
    address = "tickets?box=todo"
    for _ in range(BUSY_PAGE - 1):
        following = side.client(busy_approver(size)).get(address)["next"]
        address = f"tickets?box=todo&cursor={following}"
    return [side.request(busy_approver(size), "GET", address)]


def oldest(side: Side, _size: int, seconds: float) -> list[bytes]:
    """The first page of whoever holds the oldest tasks: the worst case for a list that begins with the newest."""
    return first_page(side, side.bed.sizes[0], seconds)


def pages(side: Side, _size: int, _seconds: float) -> list[bytes]:
    """Tickets that wait for their reader."""
    return [side.request("bob", "GET", f"tickets/{row['number']}") for row in waiting(side, 100)]


def me(side: Side, size: int, _seconds: float) -> list[bytes]:
    """The profile of somebody busy, with its counts."""
    return [side.request(busy_approver(size), "GET", "me")]


def mix(side: Side, _size: int, seconds: float) -> list[bytes]:
    """55 % lists, 25 % tickets, 10 % profiles, 5 % submits, 5 % approvals, all by bob. The floor has one list only."""
    dice = random.Random(4)
    rows = waiting(side, enough(side, "B4", 0.05, seconds))
    sent = [approval(side, row) for row in rows] + [submit(side, "bob", number) for number in range(len(rows))]
    sent += [side.request("bob", "GET", f"tickets?box={dice.choice(LISTS)}") for _ in range(11 * len(rows))]
    sent += [side.request("bob", "GET", f"tickets/{dice.choice(rows)['number']}") for _ in range(5 * len(rows))]
    sent += [side.request("bob", "GET", "me") for _ in range(2 * len(rows))]
    dice.shuffle(sent)
    return sent


# title, requests, and whether they can be sent again and again
WORKLOADS: dict[str, tuple[str, Requests, bool]] = {
    "B1": ("submit a ticket with three approvers", submits, True),
    "B2": ("approve", approvals, False),
    "B3": ("to-do list, 20 rows of 1,000", first_page, True),
    "B3-PAGE50": ("its page 50", late_page, True),
    "B3-OLDEST": ("its page 1 where the tasks are the oldest of all", oldest, True),
    "PAGE": ("a ticket's page", pages, True),
    "ME": ("profile and counts", me, True),
    "B4": ("mixed traffic", mix, False),
}


def run(bed: Bed, name: str, size: int) -> dict[str, Any]:
    """Medians of every side, and ours : each other in answers per second and per second of processor time."""
    _title, requests, again = WORKLOADS[name]
    sides, seconds = started(bed), bed.pick(3, 5)
    loads: dict[str, list[wrk.Load]] = {side.name: [] for side in sides}
    costs: dict[str, list[float]] = {side.name: [] for side in sides}
    for number in range(bed.pick(3, 5) + 1):
        for side in sides if number % 2 else sides[::-1]:
            ready, before = requests(side, size, seconds), side.processor_s()
            load = wrk.load(side.port, ready, seconds if number else 1, again=again)
            side.rates[name] = load.per_s
            if number:  # the first is a warm-up
                loads[side.name].append(load)
                costs[side.name].append(1000 * (side.processor_s() - before) / load.requests)
    figures: dict[str, Any] = {
        side: wrk.summary(found) | {"cpu_ms": round(median(costs[side]), 2)} for side, found in loads.items()
    }
    for side in sides[1:]:
        rates = zip(loads["ours"], loads[side.name], strict=True)
        spent = zip(costs["ours"], costs[side.name], strict=True)
        figures[f"ours : {side.name}"] = {
            "rate": round(median(ours.per_s / its.per_s for ours, its in rates), 2),
            "by_cpu": round(median(its / ours for ours, its in spent), 2),
        }
    return figures
