"""Random faults under load: parts are killed and the broker is emptied while people work; then results are counted.

What was confirmed must exist (I06), every approver is notified of every task once (I18, I19), and the trail is intact
(I07). Seeded, so that a failing run can be repeated.
"""

import os
import random
import signal
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest
import requests

from tests.faults.test_one_at_a_time import FORM, broker
from tests.house import PASSWORD, House, Person, wait_for

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]
SEED = int(os.environ.get("BATON_FAULT_SEED", "20261121"))
TICKETS, CLIENTS, BLOWS = 24, 4, 6
HEAL_S = 180  # beyond the lease of a delivery (2 min) whose worker was killed while it sent


def insist(house: House, username: str, path: str, **body: Any) -> Any:
    """One intent of a person: tried with the same key until there is an answer, whatever breaks on the way."""
    key, deadline = uuid.uuid4().hex, time.monotonic() + 90
    session = requests.Session()
    while time.monotonic() < deadline:
        try:
            if "csrftoken" not in session.cookies:
                login = {"username": username, "password": PASSWORD}
                session.post(f"{house.api}auth/login", json=login, timeout=10).raise_for_status()
            headers = {"X-CSRFToken": session.cookies["csrftoken"], "Idempotency-Key": key}
            answer = session.post(house.api + path, json=body, headers=headers, timeout=10)
        except requests.RequestException:
            time.sleep(0.3)
            continue
        if answer.status_code < 500:
            return answer
        time.sleep(0.3)
    raise AssertionError(f"{username} got no answer from {path}")


def one_life(house: House, index: int) -> str:
    """alice submits, bob approves; both insist. Answers the number that was confirmed."""
    answer = insist(house, "alice", "tickets", template="leave", form=FORM, title=f"load {index}")
    assert answer.status_code == 201, answer.text
    ticket = answer.json()
    task = next(task for task in ticket["tasks"] if task["state"] == "pending")
    decided = insist(house, "bob", f"tasks/{task['id']}/approve", digest=ticket["digest"])
    assert decided.status_code == 200, decided.text
    return ticket["number"]


def strike(house: House, chance: random.Random) -> str:
    """One blow: kill -9 of a part with its whole group, or an emptied broker."""
    target = chance.choice(["granian", "notify", "automation", "fork_server", "flush"])
    try:
        if target == "flush":
            broker(house).flushall()
        else:
            os.killpg(house.part(target).pid, signal.SIGKILL)
    except (StopIteration, psutil.Error, OSError):
        return f"{target} (already down)"
    return target


def nemesis(house: House, done: threading.Event, blows: list[str]) -> None:
    """Blows in a seeded order until the work is done."""
    chance = random.Random(SEED)
    while not done.wait(chance.uniform(1.0, 3.0)) and len(blows) < BLOWS:
        blows.append(strike(house, chance))


def letters(house: House, username: str, number: str) -> dict[str, set[str]]:
    """Somebody's mails about a ticket: subject → Message-IDs. A repeated mail carries the same one (F26)."""
    found: dict[str, set[str]] = {}
    for mail in house.mails(username):
        if number in mail["subject"]:
            answer = requests.get(f"{house.mailbox}/mailbox/messages/{mail['id']}", timeout=10).json()
            found.setdefault(mail["subject"], set()).add(dict(answer["headers"])["Message-ID"])
    return found


def test_nothing_is_lost_or_doubled_under_blows(house, capsys) -> None:
    done = threading.Event()
    blows: list[Any] = []
    enemy = threading.Thread(target=nemesis, args=(house, done, blows))
    enemy.start()
    try:
        with ThreadPoolExecutor(CLIENTS) as people:
            numbers = list(people.map(lambda index: one_life(house, index), range(TICKETS)))
    finally:
        done.set()
        enemy.join()
    assert len(set(numbers)) == TICKETS
    carol = wait_for(lambda: up(house), "the house to stand again", HEAL_S)
    for number in numbers:
        assert carol.get(f"tickets/{number}")["state"] == "completed"
    wait_for(lambda: all(letters(house, "alice", n) for n in numbers), "the news of completion", HEAL_S)
    assert [[len(ids) for ids in letters(house, "alice", n).values()] for n in numbers] == [[1]] * TICKETS
    # Of bob's card and of each of his mails there is one, or none where he decided before it went out.
    cards = [len(house.cards("bob", number)) for number in numbers]
    assert max(cards) <= 1
    assert all(len(ids) == 1 for number in numbers for ids in letters(house, "bob", number).values())
    trail = house.manage("audit", "verify")
    assert trail.returncode == 0, trail.stdout
    with capsys.disabled():
        sys.stdout.write(f"\n  seed {SEED}: {TICKETS} tickets, blows {blows}: lost 0, doubled 0, {sum(cards)} cards\n")


def up(house: House) -> Person | None:
    """An administrator, once the web answers again."""
    try:
        return Person(house, "admin")
    except (requests.RequestException, AssertionError):
        return None
