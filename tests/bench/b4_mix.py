"""B4: mixed traffic. 55 % lists, 25 % details, 10 % counts, 5 % submits, 5 % approvals."""

import random
from typing import Any

from tests.bench import b1_submit, b2_approve
from tests.bench.bed import Bed
from tests.bench.clients import Client, drive

CLIENTS = 16
LISTS = ("todo", "done", "mine", "cc", "all")


def act(client: Client, item: tuple[str, Any]) -> None:
    """One request."""
    what, which = item
    if what == "submit":
        b1_submit.submit(client, which)
    elif what == "approve":
        b2_approve.approve(client, which)
    else:
        client.get(which)


def run(bed: Bed) -> dict[str, Any]:
    """Requests a second and their p99. One person asks and another approves; both read."""
    count = bed.pick(1200, 8000)
    asker, dice = bed.clients(4, "alice"), random.Random(4)
    tickets = [b1_submit.submit(asker[0], number) for number in range(count // 20)]
    numbers = [ticket["number"] for ticket in tickets]
    reads = [("get", f"tickets?box={dice.choice(LISTS)}") for _ in range(count * 55 // 100)]
    reads += [("get", f"tickets/{dice.choice(numbers)}") for _ in range(count * 25 // 100)]
    reads += [("get", "me") for _ in range(count // 10)]
    work = [*reads, *(("submit", n) for n in range(count // 20)), *(("approve", ticket) for ticket in tickets)]
    dice.shuffle(work)
    # bob submits, too: the approver of his tickets is carol.
    return drive(bed.clients(CLIENTS, "bob"), work, act).figures("requests_per_s")
