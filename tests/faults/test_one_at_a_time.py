"""One fault at a time: what must arrive arrives later, and once."""

import os
import signal

import pytest
import redis
import requests

from config.environment import read_env_file
from tests.house import House, Person, wait_for

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]
FORM = {"kind": "annual", "from": "2026-12-01", "days": 1}
SWEEP_S = 30


def submit(house: House, title: str) -> dict:
    return Person(house, "alice").post("tickets", template="leave", form=FORM, title=title)


def task_of(ticket: dict) -> dict:
    return next(task for task in ticket["tasks"] if task["state"] == "pending")


def broker(house: House) -> redis.Redis:
    path = read_env_file(house.home / "baton.env")["BROKER_URL"].removeprefix("redis+socket://")
    return redis.Redis(unix_socket_path=path)


def test_F17_a_flushed_broker_loses_nothing(house) -> None:
    broker(house).flushall()
    ticket = submit(house, "flushed before")
    broker(house).flushall()
    wait_for(lambda: house.cards("bob", ticket["number"]), "card after a flush", SWEEP_S)
    wait_for(lambda: [m for m in house.mails("bob") if ticket["number"] in m["subject"]], "mail after a flush", SWEEP_S)


def test_F16_submitting_and_deciding_work_while_the_broker_is_down(house) -> None:
    part = house.part("valkey-server")
    part.send_signal(signal.SIGSTOP)
    try:
        ticket = submit(house, "broker down")
        done = Person(house, "bob").post(f"tasks/{task_of(ticket)['id']}/approve", digest=ticket["digest"])
        assert done["state"] == "completed"
    finally:
        part.send_signal(signal.SIGCONT)
    wait_for(lambda: [m for m in house.mails("alice") if ticket["number"] in m["subject"]], "mail", SWEEP_S)


def test_F26_mail_arrives_once_after_the_server_was_down(house) -> None:
    requests.post(f"{house.mailbox}/mailbox/faults", json={"code": 451, "at": "data", "times": 2}, timeout=5)
    ticket = submit(house, "mail down")
    done = Person(house, "bob").post(f"tasks/{task_of(ticket)['id']}/approve", digest=ticket["digest"])
    assert done["state"] == "completed"

    def mails() -> list:
        return [m for m in house.mails("bob") + house.mails("alice") if ticket["number"] in m["subject"]]

    arrived = wait_for(lambda: len(found := mails()) >= 2 and found, "mails after recovery", 90)
    assert len({(m["subject"], tuple(m["to"])) for m in arrived}) == len(arrived)


def test_F21_cards_arrive_once_after_wecom_was_down(house) -> None:
    requests.post(f"{house.wecom}/sandbox/faults", json={"down": True}, timeout=5)
    ticket = submit(house, "wecom down")
    assert ticket["state"] == "approving"
    requests.delete(f"{house.wecom}/sandbox/faults", timeout=5)
    wait_for(lambda: house.cards("bob", ticket["number"]), "card after recovery", 90)
    assert len(house.cards("bob", ticket["number"])) == 1


def test_a_crashed_part_is_started_again_and_the_terminal_says_so(house) -> None:
    web = house.part("granian")
    house.part("fork_server").kill()  # what forks the parts: they start without it as well
    os.killpg(web.pid, signal.SIGKILL)
    wait_for(lambda: "web ended" in house.terminal(), "word of the crash")
    wait_for(lambda: "fork-server ended" in house.terminal(), "word of the other one")

    def answers() -> bool:
        try:
            return requests.get(f"{house.url}/readyz", timeout=2).ok
        except requests.RequestException:
            return False

    wait_for(answers, "the web server again", 90)


def test_F03_a_dead_worker_costs_seconds_not_work(house) -> None:
    os.killpg(house.part("celery", "notify").pid, signal.SIGKILL)
    ticket = submit(house, "worker dead")
    wait_for(lambda: house.cards("bob", ticket["number"]), "card after the worker's restart", 60)


def test_a_second_start_on_the_same_port_says_so(house) -> None:
    second = House(house.home.parent / "second")
    second.port = house.port
    with pytest.raises(AssertionError, match="is taken"):
        second.start()


def test_F30_an_executor_killed_in_the_middle_leaves_unknown_and_starts_nothing_twice(house) -> None:
    alice, erin = Person(house, "alice"), Person(house, "erin")
    form = {"server_name": "kill.example.com", "upstream": "10.0.0.8:80", "hosts": ["demo-01", "demo-02", "demo-03"]}
    ticket = alice.post("tickets", template="nginx-config-sync", form=form)
    number = ticket["number"]
    for who in ("bob", "dave"):
        task = task_of(alice.get(f"tickets/{number}"))
        Person(house, who).post(f"tasks/{task['id']}/approve", digest=ticket["digest"])
    job_id = wait_for(lambda: alice.get(f"tickets/{number}")["jobs"], "the job")[0]["id"]
    wait_for(lambda: "TASK" in alice.get(f"jobs/{job_id}/log?offset=0")["text"], "the playbook to run")
    os.killpg(house.part("celery", "automation").pid, signal.SIGKILL)
    failed = wait_for(lambda: (t := alice.get(f"tickets/{number}"))["state"] == "failed" and t, "the lost job", 60)
    assert [(job["state"], job["outcome"]) for job in failed["jobs"]] == [("failed", "unknown")]
    assert alice.get(f"jobs/{job_id}")["attempt"] == 1
    erin.post(f"jobs/{job_id}/rerun", hosts="all", comment="looked at the hosts: nothing half done")
    wait_for(lambda: alice.get(f"tickets/{number}")["state"] == "approving", "the rerun", 60)
    job = alice.get(f"jobs/{job_id}")
    assert (job["state"], job["attempt"]) == ("completed", 2)
    assert house.manage("audit", "verify").returncode == 0
