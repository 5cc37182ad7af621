"""An upgrade without a stop: two versions run side by side on the newer database, under load (F15).

The steps are those of docs/operation.md, "Upgrading without a stop". People work all the time through nginx, and try
nothing twice: an answer that is not the one they expect fails the test.
"""

import re
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from copy import copy

import pytest

from tests.faults.balancer import Balancer
from tests.faults.releases import NEWER, Newer, Release, Web, older
from tests.faults.test_one_at_a_time import FORM, task_of
from tests.house import ROOT, House, Person, free_ports, wait_for

pytestmark = [
    pytest.mark.services,
    pytest.mark.timeout(480),
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
]
PEOPLE, PAUSE_S = 2, 0.7
PARTS = ("notify", "automation")
SOON_S = 60
NUMBER = re.compile(r"[A-Z]+-\d{8}-\d+")
ENDED = "SELECT state, count(*), count(DISTINCT title) FROM tickets_ticket WHERE number = ANY(%s) GROUP BY state"
NEWS = """
SELECT t.number, count(*) FROM notify_delivery d JOIN tickets_event e ON e.id = d.event_id
JOIN tickets_ticket t ON t.id = e.ticket_id
WHERE e.kind = 'ticket.completed' AND d.kind = 'email' AND d.state <> 'dead' AND t.number = ANY(%s)
GROUP BY t.number ORDER BY t.number
"""
PLAN = {"server_name": "up.example.com", "upstream": "10.0.0.8:80", "hosts": ["demo-01", "demo-02", "demo-03"]}


def newcomer(door: House, name: str) -> Person:
    """Somebody who opens a connection for each request, as a new client does."""
    person = Person(door, name)
    person.session.headers["Connection"] = "close"
    return person


def work(door: House, who: int, done: threading.Event) -> list[str]:
    """Submit and approve tickets until it is done; return their numbers."""
    alice, bob = newcomer(door, "alice"), newcomer(door, "bob")
    numbers: list[str] = []
    while not done.wait(PAUSE_S):
        ticket = alice.post("tickets", template="leave", form=FORM, title=f"upgrade {who}.{len(numbers)}")
        numbers.append(ticket["number"])
        decided = bob.post(f"tasks/{task_of(ticket)['id']}/approve", digest=ticket["digest"])
        assert decided["state"] == "completed"
    return numbers


@contextmanager
def load(door: House) -> Iterator[list[str]]:
    """People at work; the list holds the numbers of their tickets at the end."""
    done = threading.Event()
    numbers: list[str] = []
    with ThreadPoolExecutor(PEOPLE) as people:
        works = [people.submit(work, door, who, done) for who in range(PEOPLE)]
        try:
            yield numbers
        finally:
            done.set()
            for one in works:  # what people met says more than what went wrong here after it
                numbers += one.result()


def restart(house: House, part: str) -> None:
    """Stop a part regularly; what supervises it starts it again."""
    process = house.part("celery", part)
    process.terminate()
    process.wait(SOON_S)
    wait_for(lambda: [new for new in house.parts("celery", part) if new != process], f"{part} again", SOON_S)


def running_job(house: House) -> int:
    """A job in the middle of its work."""
    alice = Person(house, "alice")
    ticket = alice.post("tickets", template="nginx-config-sync", form=PLAN)
    for who in ("bob", "dave"):
        task = task_of(alice.get(f"tickets/{ticket['number']}"))
        Person(house, who).post(f"tasks/{task['id']}/approve", digest=ticket["digest"])
    job_id = wait_for(lambda: alice.get(f"tickets/{ticket['number']}")["jobs"], "the job", SOON_S)[0]["id"]
    wait_for(lambda: "TASK" in alice.get(f"jobs/{job_id}/log?offset=0")["text"], "the playbook to run", SOON_S)
    return job_id


def told(house: House, numbers: list[str]) -> list[str]:
    """The tickets whose applicant has got the mail of their end, one for each mail."""
    subjects = " ".join(mail["subject"] for mail in house.mails("alice"))
    return [number for number in NUMBER.findall(subjects) if number in set(numbers)]


def test_F15_an_upgrade_under_load_loses_and_doubles_nothing(house, tmp_path) -> None:
    current, new = Release(ROOT, house), Newer(tmp_path / "new", house)
    old = older(tmp_path / "old", house) or current
    front, *ports = range(first := free_ports(3), first + 3)
    with ExitStack() as started:
        webs = [Web(release, port) for release, port in zip((old, current), ports, strict=True)]
        for web in webs:
            started.callback(web.stop)
            web.start()
        nginx = Balancer(tmp_path / "nginx", front, ports)
        started.callback(nginx.stop)
        door = copy(house)
        door.api = f"{nginx.url}/api/v1/"
        with load(door) as numbers:
            new.manage("migrate", "--no-input")
            for web in webs:
                nginx.leave_out(web.port)
                web.stop()
                web.release = new
                web.start()
                nginx.take_in(web.port)
                assert NEWER in web.version()
            job_id = running_job(house)
            for part in PARTS:
                restart(house, part)
        job = Person(house, "alice").get(f"jobs/{job_id}")
        assert (job["state"], job["attempt"]) == ("completed", 1)
        assert house.rows(ENDED, numbers) == [("completed", len(numbers), len(numbers))]
        assert [line for line in nginx.log.read_text().splitlines() if "[error]" in line] == []
    wait_for(lambda: not house.rows("SELECT 1 FROM tickets_outbox LIMIT 1"), "every event to be heard", SOON_S)
    assert house.rows(NEWS, numbers) == [(number, 1) for number in sorted(numbers)]
    wait_for(lambda: told(house, numbers), "news", SOON_S)
    assert max(Counter(told(house, numbers)).values()) == 1
    assert house.manage("audit", "verify").returncode == 0
    new.back()
