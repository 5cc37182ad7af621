"""Faults that stop a service without killing it: slow sockets, foreign messages, changed clocks, frozen parts."""

import base64
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import Any

import psutil
import pytest
import requests
from celery import Celery

from config.environment import read_env_file
from tests.faults.test_one_at_a_time import FORM, broker, submit, task_of
from tests.house import ROOT, House, Person, wait_for

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]
SOCKETS = 500
SAID_S = 60
SWEPT_S = 30
BODY = b"Content-Length: 100000\r\n\r\nabc"
SLOW = (
    b"POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\n" + BODY,
    b"POST /wecom/callback HTTP/1.1\r\nHost: x\r\n" + BODY,
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"GET /api/v1/tick",
    b"",
)


def test_A47_slow_and_idle_sockets_hold_nobody_up(house) -> None:
    bob = Person(house, "bob")
    ticket = submit(house, "while sockets are slow")
    with ExitStack() as open_sockets:
        for number in range(SOCKETS):
            one = open_sockets.enter_context(socket.create_connection(("127.0.0.1", house.port), 10))
            one.sendall(SLOW[number % len(SLOW)])
        took = []
        for _number in range(100):
            began = time.monotonic()
            requests.get(f"{house.url}/healthz", timeout=10).raise_for_status()
            took.append(time.monotonic() - began)
        assert statistics.quantiles(took, n=100)[-1] < 2  # seconds; who waited for a slow socket would wait for ten
        assert requests.get(f"{house.url}/readyz", timeout=5).ok
        assert requests.get(f"{house.url}/wecom/callback", timeout=5).status_code in (400, 403)
        assert bob.post(f"tasks/{task_of(ticket)['id']}/approve", digest=ticket["digest"])["state"] == "completed"


def foreign(house: House) -> list[bytes]:
    """Messages that are not from Baton, or not quite valid."""

    def args(text: bytes) -> str:
        return base64.b64encode(text).decode()

    where = {"exchange": "", "routing_key": "default"}
    ours: dict[str, Any] = {
        "body": args(b'[[], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]'),
        "content-encoding": "utf-8", "content-type": "application/json",
        "headers": {"lang": "py", "task": "tickets.sweep", "id": "1", "retries": 0, "eta": None, "expires": None},
        "properties": {"delivery_info": where, "delivery_tag": "1", "body_encoding": "base64"},
    }  # fmt: skip

    def but(**other: object) -> bytes:
        return json.dumps({**ours, **other}).encode()

    return [
        b"no message at all", b"[1]", b"null", b"{}", but(properties={}), but(headers={}),
        but(**{"content-type": "application/x-python-serialize"}), but(**{"content-type": "text/x-foreign"}),
        but(headers={**ours["headers"], "task": "os.system"}), but(body=args(b"{")), but(body=args(b"[1]")),
        but(body=args(b'[["x"], {"y": 1}, {}]')), but(body=args(b'[[], {}, {"callbacks": [{}]}]')),
        but(headers={**ours["headers"], "eta": "2099-01-01T00:00:00+00:00"}),
    ]  # fmt: skip


def test_A31_foreign_messages_end_no_worker_and_are_counted(house) -> None:
    worker = house.part("celery", "notify")
    before = counted(house)
    for message in foreign(house):
        broker(house).lpush("default", message)
    wait_for(lambda: counted(house) >= before + len(foreign(house)), "all of them counted", SAID_S)
    assert house.part("celery", "notify") == worker
    assert "message.refused" in (house.home / "logs" / "worker.log").read_text()
    assert "were not Baton's" in house.manage("doctor").stdout
    ticket = submit(house, "after foreign messages")
    wait_for(lambda: house.cards("bob", ticket["number"]), "card", SWEPT_S)


def counted(house: House) -> int:
    lines = requests.get(f"{house.url}/metrics", timeout=10).text.splitlines()
    return int(next(line for line in lines if line.startswith("baton_messages_refused_total")).split()[1])


def test_A31_nobody_obeys_remote_control(house) -> None:
    parts = [house.part("celery", queue) for queue in ("notify", "automation")]
    remote = Celery(broker=read_env_file(house.home / "baton.env")["BROKER_URL"])
    assert not remote.control.ping(timeout=2)
    for queue in ("default", "notify", "automation"):
        remote.control.cancel_consumer(queue)
    remote.control.shutdown()
    ticket = submit(house, "after remote control")
    wait_for(lambda: house.cards("bob", ticket["number"]), "card", SWEPT_S)
    assert [house.part("celery", queue) for queue in ("notify", "automation")] == parts


def test_F32_a_clock_that_ran_ahead_and_was_set_back_stops_no_sweep(house) -> None:
    house.sql(
        "UPDATE config_pulse SET at = now() + interval '2 hours'",
        "UPDATE notify_delivery SET created_at = created_at + interval '2 hours', due_at = now() + interval '2 hours', "
        "lease_until = now() + interval '2 hours' WHERE state IN ('queued', 'failed')",
    )
    assert not list(house.home.glob("celerybeat-schedule*"))
    ages = wait_for(lambda: (a := progress(house)) and a["sweep_age_s"] is not None and a, "sweeps", SWEPT_S)
    assert ages["sweep_age_s"] < SWEPT_S
    broker(house).flushall()
    ticket = submit(house, "after the clock was set")
    broker(house).flushall()
    wait_for(lambda: house.cards("bob", ticket["number"]), "card by a sweep", SWEPT_S)


def progress(house: House) -> dict | None:
    try:
        return requests.get(f"{house.url}/readyz", timeout=10).json().get("progress")
    except requests.RequestException:
        return None


def test_F18_frozen_workers_are_noticed_said_and_replaced(house) -> None:
    worker = house.part("celery", "notify")
    alice = Person(house, "alice")
    wait_for(lambda: time.time() - worker.create_time() > 50, "a worker that is not new", 60)
    wait_for(lambda: ((progress(house) or {}).get("sweep_age_s") or 99) < 6, "a fresh sign of life", SWEPT_S)
    worker.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    ticket = alice.post("tickets", template="leave", form=FORM, title="nobody comes")
    wait_for(lambda: is_unready_for(house, "outbox"), "503", SAID_S)
    wait_for(lambda: "starting worker again" in house.terminal(), "word of it", SAID_S)
    assert time.monotonic() - began < SAID_S + 10
    wait_for(lambda: house.cards("bob", ticket["number"]), "card by the new worker", SAID_S)
    wait_for(lambda: requests.get(f"{house.url}/readyz", timeout=10).ok, "all well again", SAID_S)
    assert not worker.is_running()


def is_unready_for(house: House, kind: str) -> bool:
    answer = requests.get(f"{house.url}/readyz", timeout=10)
    return answer.status_code == 503 and kind in answer.json().get("stuck", ())


def test_F10_a_killed_database_is_started_again_and_said(house) -> None:
    pid = int((house.home / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: "PostgreSQL is back" in house.terminal(), "word of it", SAID_S)
    wait_for(lambda: (a := try_get(f"{house.url}/readyz")) is not None and a.ok, "the site again", SAID_S)
    ticket = submit(house, "after the database")
    wait_for(lambda: house.cards("bob", ticket["number"]), "card", SAID_S)


def try_get(url: str) -> requests.Response | None:
    try:
        return requests.get(url, timeout=5)
    except requests.RequestException:
        return None


def test_web_processes_do_not_outlive_their_killed_master(house) -> None:
    master = house.part("granian")
    workers = master.children()
    assert workers
    master.kill()
    psutil.wait_procs(workers, timeout=10)
    assert not any(worker.is_running() for worker in workers)
    wait_for(lambda: (a := try_get(f"{house.url}/healthz")) is not None and a.ok, "the web server again", SAID_S)


def test_two_starts_on_one_folder_do_not_meet(house) -> None:
    environment = {**house.environment(), "PORT": str(house.port + 50)}
    command = [sys.executable, "-m", "devtools.run"]
    second = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert second.returncode == 1
    assert f"runs there already, as process {house.process.pid}" in second.stderr
    assert requests.get(f"{house.url}/readyz", timeout=10).ok


def test_nothing_of_the_house_is_readable_by_others(house) -> None:
    hosts = house.home / "hosts"  # stands for machines: what an action puts there has the modes that it asks for
    for path in (house.home, *house.home.rglob("*")):
        if house.home / "postgres" in (path, *path.parents) or hosts in path.parents or path.is_symlink():
            continue
        allowed = 0o011 if path == house.home else 0
        assert not path.lstat().st_mode & 0o077 & ~allowed, path
