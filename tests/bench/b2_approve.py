"""B2: approve, 16 clients, each decision on a ticket of its own, on the digest and version that were shown."""

from typing import Any

from tests.bench import b1_submit
from tests.bench.bed import Bed
from tests.bench.clients import Client, drive


def approve(client: Client, ticket: dict[str, Any]) -> None:
    """The first step: the manager's decision, after which the second opens."""
    task = ticket["tasks"][0]
    client.post(f"tasks/{task['id']}/approve", comment="", digest=task["digest"], ticket_version=ticket["version"])


def run(bed: Bed) -> dict[str, Any]:
    """Approvals a second, of the tickets that B1 made."""
    if not bed.state.get("submitted"):
        b1_submit.run(bed)
    tickets = bed.state.pop("submitted")
    clients = bed.clients(b1_submit.CLIENTS, "bob")
    warm, rest = tickets[: 2 * len(clients)], tickets[2 * len(clients) :]
    drive(clients, warm, approve)
    return drive(clients, rest, approve).figures("approvals_per_s")
