"""The executor's places (slots): each running job takes one, in its own thread. Celery messages take none.

A message must be acknowledged quickly: RabbitMQ closes the channel of a worker that keeps one for half an hour
(consumer_timeout), which ends the whole worker; Redis delivers it to a second worker. So a job runs in its own thread,
and its message is acknowledged at once. If all places are taken, the message is dropped: the job's row stays waiting,
a place that becomes free looks for due jobs, and the sweep rings again. In a regular stop no place takes a job.
"""

import logging
import threading
from typing import Any

from celery.signals import celeryd_after_setup
from django.conf import settings
from django.db import close_old_connections, connections

from automation import stopping
from automation.background.run import run
from automation.jobs.sites import QUEUE, queue_of
from automation.jobs.turns import due_jobs, free

logger = logging.getLogger("baton.automation")

_lock = threading.Lock()
_taken: set[int] = set()
_most = 4


@celeryd_after_setup.connect
def _as_many_as_the_worker_has(instance: Any, **_rest: Any) -> None:
    """Take the number of places from `--concurrency`. Exit if the executor consumes another site's queue."""
    foreign = [name for name in instance.app.amqp.queues.consume_from if is_foreign(name)]
    if foreign:
        raise SystemExit(f"Setting BATON_SITE: this executor is of {settings.SITE or 'the main site'!r} and takes from "
                         f"{', '.join(foreign)}: start it with --queues {queue_of(settings.SITE)}")  # fmt: skip
    global _most  # noqa: PLW0603 (set once, at the start of the worker)
    _most = instance.concurrency


def is_foreign(queue: str) -> bool:
    """Whether this is the queue of an executor of another site."""
    is_executors = queue == QUEUE or queue.startswith(f"{QUEUE}.")
    return is_executors and queue != queue_of(settings.SITE)


def offer(job_id: int) -> bool:
    """Run this job in a free place. Returns at once; False if there is none, if it runs here already, or in a stop."""
    if not _take(job_id):
        return False
    stopping.begin(_work, job_id, "job")
    return True


def _take(job_id: int) -> bool:
    with _lock:
        if stopping.is_asked() or job_id in _taken or len(_taken) >= _most:
            return False
        _taken.add(job_id)
        return True


def _leave(job_id: int) -> None:
    with _lock:
        _taken.discard(job_id)


def _work(job_id: int) -> None:
    """Run this job, then other due jobs one after another: their messages may have been dropped."""
    tried: set[int] = set()
    try:
        while True:
            tried.add(job_id)
            _run(job_id)
            following = next_due(tried)
            _leave(job_id)
            if following is None or not _take(following):
                return
            job_id = following
    except Exception:
        logger.exception("job.place_failed", extra={"job": job_id})
    finally:
        _leave(job_id)
        connections.close_all()


def _run(job_id: int) -> None:
    close_old_connections()
    try:
        run(job_id)
    except Exception:
        logger.exception("job.failed_to_run", extra={"job": job_id})


def next_due(tried: set[int]) -> int | None:
    """The oldest due job of this site that no other job blocks, except those that were just tried."""
    return next(free(due_jobs().filter(site=settings.SITE).exclude(pk__in=tried)), None)
