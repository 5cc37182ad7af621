"""B9: the same statements without any Python: pgbench, from the wheel that holds the server."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

from accounts.models import User
from templates_engine.models import TemplateVersion
from tests.bench.bed import Bed
from tests.bench.clients import drive
from tests.bench.seed import busy_approver, grow

SQL = Path(__file__).parent / "sql"
CLIENTS = 4
OURS = {
    "submit": ("B1", "tickets_per_s"),
    "approve": ("B2", "approvals_per_s"),
    "todo": ("B3", "{size}_page1_per_s"),
}


def run(bed: Bed) -> dict[str, Any]:
    """Transactions a second of each script, and our part of it where ours was measured in the same run."""
    size = bed.pick(10_000, 1_000_000)
    grow(bed, size)
    names = dict(User.objects.values_list("username", "pk"))
    values = {
        "alice": names["alice"],
        "bob": names["bob"],
        "busy": names[busy_approver(size)],
        "version": TemplateVersion.objects.get(template__key="bench").pk,
        "seeded": size,
    }
    figures: dict[str, Any] = {}
    for name, (workload, key) in OURS.items():
        limit = transactions_per_s(bed, SQL / f"{name}.sql", values)
        figures[f"{name}_per_s"] = round(limit)
        ours = bed.state["figures"].get(workload, {}).get(key.format(size=size))
        if ours:
            figures[f"{name}_ours_to_limit"] = round(ours / limit, 3)
    empty = drive(
        [bed.client() for _ in range(16)], ["/healthz"] * bed.pick(3000, 10_000), lambda c, p: c.raw("GET", p)
    )
    figures["empty_answer_per_s"] = round(empty.rate)  # web server, middleware and our clients, no work at all
    return figures


def transactions_per_s(bed: Bed, script: Path, values: dict[str, int]) -> float:
    """One pgbench run over the server's socket. Raises AssertionError where a statement fails."""
    assert bed.postgres is not None
    tools = bed.postgres.server.bin_path
    url = os.environ["DATABASE_URL"].replace("postgres://", "postgresql://")
    variables = [f"--define={name}={value}" for name, value in values.items()]
    command = [
        str(tools / "pgbench"), "--no-vacuum", f"--client={CLIENTS}", "--jobs=2", "--protocol=prepared",
        f"--time={bed.pick(4, 15)}", *variables, f"--file={script}", url,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return float(re.findall(r"tps = ([0-9.]+)", done.stdout)[0])
