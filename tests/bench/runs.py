"""RUNS: a plan for 1,000 hosts from submission to its page, and twenty runs whose logs are read while they grow.

No host is touched: this process stores what an executor would, once a second, and reads as the page does.
"""

import threading
import time
from statistics import median
from typing import Any

import psutil
from django.db import connection
from django.utils import timezone

from automation.commands.claim import claim
from automation.commands.pulse import pulse
from automation.executors.base import HostResult
from automation.models import Host, Job
from automation.models.job import HostStatus
from templates_engine.store.commands import import_template
from tests.bench.bed import Bed
from tests.bench.clients import Client
from tickets.background.dispatch import dispatch

HOSTS, TOGETHER = 1000, 20
PULSE_S, SECONDS = 1.0, 15
TEMPLATE = """
apiVersion: baton/v1
kind: TicketTemplate
key: bench-runs
name: {zh: 大批变更, en: A change on many hosts}
form:
  - {key: hosts, type: hosts, label: {zh: 主机, en: Hosts}, required: true, max_items: 1000}
  - {key: sql, type: textarea, label: SQL, required: true}
chain:
  - {node: leader, type: approval, approvers: [{user: bob}]}
  - {node: run, type: automation, action: database.run_change, targets: form.hosts, batch: 10%,
     params: {database: '"orders"', sql: form.sql}}
"""


def names(count: int, begin: int = 0) -> list[str]:
    """Names of hosts of this workload."""
    return [f"bench-{number:05}" for number in range(begin, begin + count)]


def approved(bed: Bed, hosts: list[str]) -> tuple[Job, float]:
    """A job waiting for its executor, and the seconds that its submission took (which makes the plan)."""
    alice, bob = bed.client("alice"), bed.client("bob")
    body = {"template": "bench-runs", "title": "Many", "form": {"hosts": hosts, "sql": "SELECT 1"}}
    began = time.perf_counter()
    ticket = alice.post("tickets", **body)
    seconds = time.perf_counter() - began
    ticket = bob.get(f"tickets/{ticket['number']}")
    task = next(task for task in ticket["tasks"] if task["state"] == "pending")
    bob.post(f"tasks/{task['id']}/approve", digest=ticket["digest"])
    dispatch()
    return Job.objects.get(ticket__number=ticket["number"]), seconds


def opened(client: Client, job: Job) -> float:
    """Seconds until the page of this job is loaded: the job, and the first part of its log."""
    began = time.perf_counter()
    client.get(f"jobs/{job.pk}")
    client.get(f"jobs/{job.pk}/log?offset=0")
    return time.perf_counter() - began


def web_seconds() -> float:
    """Processor time used by the web server's processes so far."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            if "granian" in " ".join(process.cmdline()):
                used = process.cpu_times()
                total += used.user + used.system
        except psutil.NoSuchProcess:
            continue
    return total


def many_hosts(bed: Bed) -> dict[str, Any]:
    """One plan for 1,000 hosts: made, opened, and followed by one reader while results arrive."""
    hosts = names(HOSTS)
    job, rendered = approved(bed, hosts)
    reader = bed.client("erin")
    first = median(opened(reader, job) for _ in range(5))
    assert claim(job.pk)
    used, began = web_seconds(), time.perf_counter()
    for second in range(SECONDS):
        some = hosts[second * 60 : (second + 1) * 60]
        pulse(job.pk, 1, f"changed: [{some[0]}]\n", {name: HostResult(HostStatus.OK, changed=True) for name in some})
        reader.get(f"jobs/{job.pk}")
        reader.get(f"jobs/{job.pk}/log?offset={second * 24}")
        time.sleep(max(0.0, began + (second + 1) * PULSE_S - time.perf_counter()))
    share = (web_seconds() - used) / (time.perf_counter() - began)
    return {
        "hosts": HOSTS,
        "submitted_ms": round(1000 * rendered),
        "page_ms": round(1000 * first),
        "followed_core_percent": round(100 * share, 1),
    }


def many_runs(bed: Bed) -> dict[str, Any]:
    """Twenty parallel runs with one reader each: time from writing a line to reading it."""
    jobs = [approved(bed, [name])[0] for name in names(TOGETHER, HOSTS)]
    for job in jobs:
        assert claim(job.pk)
    late: list[float] = []

    def read(client: Client, job: Job) -> None:
        offset, until = 0, time.monotonic() + SECONDS
        while time.monotonic() < until:
            part = client.get(f"jobs/{job.pk}/log?offset={offset}")
            offset = part["next_offset"]
            late.extend(time.time() - float(line[1:]) for line in part["text"].splitlines() if line.startswith("@"))
            time.sleep(1.0)

    readers = [threading.Thread(target=read, args=[bed.client("erin"), job]) for job in jobs]
    for reader in readers:
        reader.start()
    for _second in range(SECONDS):
        began = time.monotonic()
        for job in jobs:
            pulse(job.pk, 1, f"@{time.time()}\n", {})
        time.sleep(max(0.0, began + PULSE_S - time.monotonic()))
    for reader in readers:
        reader.join()
    late.sort()
    return {"runs": TOGETHER, "lines_read": len(late), "line_p50_ms": round(1000 * median(late)),
            "line_p99_ms": round(1000 * late[int(0.99 * len(late))])}  # fmt: skip


def run(bed: Bed) -> dict[str, Any]:
    """Milliseconds, and the share of a core that one reader of a run on 1,000 hosts costs the web server."""
    every = names(HOSTS + TOGETHER)
    Host.objects.bulk_create(Host(name=name, address="10.0.0.1", connection="local") for name in every)
    import_template(text=TEMPLATE, actor=None, at=timezone.now(), publish_it=True)
    try:
        return {**many_hosts(bed), **many_runs(bed)}
    finally:
        connection.close()
