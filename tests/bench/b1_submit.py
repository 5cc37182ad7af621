"""B1: submit a ticket with three approvers, 16 clients."""

from typing import Any

from tests.bench.bed import Bed
from tests.bench.clients import Client, drive

CLIENTS = 16


def submit(client: Client, number: int) -> Any:
    """One ticket."""
    return client.post("tickets", template="bench", title=f"Ticket {number}", form={"subject": "leave", "days": 2})


def run(bed: Bed) -> dict[str, Any]:
    """Submitted tickets a second; they are left for B2."""
    clients = bed.clients(CLIENTS, "alice", "heidi")
    drive(clients, range(CLIENTS * 2), submit)  # warm: programs, pools
    made = bed.state.setdefault("submitted", [])
    load = drive(clients, range(bed.pick(600, 4000)), lambda client, number: made.append(submit(client, number)))
    return load.figures("tickets_per_s")
