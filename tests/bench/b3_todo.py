"""B3: the to-do list of somebody busy, its first page and its fiftieth, as the number of all tickets grows."""

from typing import Any

from tests.bench.bed import Bed
from tests.bench.clients import Client, drive
from tests.bench.seed import busy_approver, grow

CLIENTS, PAGE = 4, 50
FIRST = "tickets?box=todo"


def fiftieth(client: Client) -> str:
    """The address of page 50, found as a person finds it: page by page."""
    address = FIRST
    for _ in range(PAGE - 1):
        address = f"{FIRST}&cursor={client.get(address)['next']}"
    return address


def load_of(bed: Bed, size: int, label: str) -> dict[str, Any]:
    """Both pages of the person for whom tickets of this size wait."""
    clients = bed.clients(CLIENTS, busy_approver(size))
    figures = {}
    for name, address in (("page1", FIRST), ("page50", fiftieth(clients[0]))):
        drive(clients, [address] * 40, Client.get)
        load = drive(clients, [address] * bed.pick(400, 1000), Client.get)
        figures |= {f"{label}_{name}_{key}": value for key, value in load.figures("per_s").items() if key != "p95_ms"}
    return figures


def run(bed: Bed) -> dict[str, Any]:
    """Pages a second and latencies at every size, and the ratios that must stay near 1."""
    sizes = bed.pick([1_000, 10_000], [10_000, 100_000, 1_000_000])
    figures: dict[str, Any] = {}
    for size in sizes:
        grow(bed, size)
        figures |= load_of(bed, size, str(size))
    # Somebody whose tasks are the oldest of all: the worst case for a list that is shown newest first.
    figures |= load_of(bed, sizes[0], f"{sizes[-1]}_oldest")
    smallest, largest = figures[f"{sizes[0]}_page1_per_s"], figures[f"{sizes[-1]}_page1_per_s"]
    figures["largest_to_smallest"] = round(largest / smallest, 2)
    figures["page50_to_page1"] = round(figures[f"{sizes[-1]}_page50_per_s"] / largest, 2)
    return figures
