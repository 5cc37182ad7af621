"""B9: the same statements without any Python: pgbench, from the wheel that holds the server."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

from accounts.models import User
from templates_engine.models import TemplateVersion
from tests.bench import wrk
from tests.bench.bed import Bed
from tests.bench.seed import busy_approver, grow

SQL = Path(__file__).parent / "sql"
CLIENTS = 4
OURS = {"submit": "B1", "approve": "B2", "todo": "B3"}


def run(bed: Bed) -> dict[str, Any]:
    """Transactions per second of each script, and our share if measured in the same run."""
    size = bed.sizes[-1]
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
    for name, workload in OURS.items():
        limit = transactions_per_s(bed, SQL / f"{name}.sql", values)
        figures[f"{name}_per_s"] = round(limit)
        ours = bed.state["figures"].get(f"{workload} at {size:,}", {}).get("ours")
        if ours:
            figures[f"{name}_ours_to_limit"] = round(ours["per_s"] / limit, 3)
    nothing = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{bed.ports.web}\r\n\r\n".encode()
    empty = wrk.load(bed.ports.web, [nothing], bed.pick(2, 4), again=True)
    figures["empty_answer"] = wrk.summary([empty])  # web server and middleware, without work
    return figures


def transactions_per_s(bed: Bed, script: Path, values: dict[str, int]) -> float:
    """One pgbench run over the server's socket. Raises AssertionError if a statement fails."""
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
