"""The executor's slots: messages are acknowledged at once, however long the job takes (F18)."""

import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from celery.signals import worker_shutdown, worker_shutting_down

from automation import stopping
from automation.background import job_slots
from automation.tasks import run as bell

pytestmark = pytest.mark.django_db(transaction=True)


class Jobs:
    """Jobs that run until they are told to end."""

    def __init__(self) -> None:
        self.began: list[int] = []
        self.ends: dict[int, threading.Event] = {}
        self.waiting: list[int] = []

    def run(self, job_id: int) -> None:
        self.ends[job_id] = threading.Event()
        self.began.append(job_id)
        self.ends[job_id].wait(20)

    def next_due(self, tried: set[int]) -> int | None:
        return next((job for job in self.waiting if job not in tried and job not in self.began), None)

    def end(self, job_id: int) -> None:
        self.ends[job_id].set()


@pytest.fixture
def jobs(monkeypatch) -> Iterator[Jobs]:
    """A place for two jobs."""
    found = Jobs()
    monkeypatch.setattr(job_slots, "run", found.run)
    monkeypatch.setattr(job_slots, "next_due", found.next_due)
    monkeypatch.setattr(job_slots, "_most", 2)
    yield found
    found.waiting.clear()
    for end in found.ends.values():
        end.set()
    soon(lambda: not job_slots._taken)


def soon(so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_message_is_done_with_long_before_the_job(jobs) -> None:
    bell(1)  # comes back: the job waits for `jobs.end`
    soon(lambda: jobs.began == [1])
    assert job_slots._taken == {1}
    jobs.end(1)
    soon(lambda: not job_slots._taken)


def test_a_bell_for_a_job_that_runs_or_for_a_full_house_is_let_go(jobs) -> None:
    assert [job_slots.offer(job) for job in (1, 1, 2, 3)] == [True, False, True, False]
    soon(lambda: sorted(jobs.began) == [1, 2])
    jobs.end(1)
    soon(lambda: job_slots._taken == {2})
    assert job_slots.offer(3)
    soon(lambda: jobs.began[-1] == 3)


def test_a_place_that_becomes_free_takes_what_was_let_go(jobs) -> None:
    for job in (1, 2, 3):
        job_slots.offer(job)
    jobs.waiting = [3]
    soon(lambda: len(jobs.began) == 2)
    jobs.end(1)
    soon(lambda: jobs.began[-1] == 3)
    jobs.end(3)
    soon(lambda: job_slots._taken == {2})


def test_a_job_that_breaks_leaves_its_place(jobs, monkeypatch) -> None:
    def broken(job_id: int) -> None:
        raise RuntimeError(job_id)

    monkeypatch.setattr(job_slots, "run", broken)
    assert job_slots.offer(1)
    soon(lambda: not job_slots._taken)


def test_as_many_at_once_as_the_worker_has_threads(jobs) -> None:
    class Worker:
        concurrency = 3
        app = SimpleNamespace(amqp=SimpleNamespace(queues=SimpleNamespace(consume_from=["automation"])))

    job_slots._as_many_as_the_worker_has(instance=Worker())
    assert [job_slots.offer(job) for job in (1, 2, 3, 4)] == [True, True, True, False]


def test_a_regular_stop_takes_nothing_new_and_waits_for_what_runs(jobs, monkeypatch) -> None:
    monkeypatch.setattr(stopping, "_asked", threading.Event())
    job_slots.offer(1)
    soon(lambda: jobs.began == [1])
    jobs.waiting = [3]
    worker_shutting_down.send(sender="executor")
    assert not job_slots.offer(2)
    stop = threading.Thread(target=worker_shutdown.send, kwargs={"sender": "executor"})
    stop.start()
    stop.join(0.1)
    assert stop.is_alive()
    jobs.end(1)
    stop.join(10)
    assert (stop.is_alive(), jobs.began) == (False, [1])
