"""The executor's places: a job takes one for as long as it runs; the message that rang for it takes none.

RabbitMQ closes the channel of whoever keeps a message for half an hour (consumer_timeout), which ends the whole worker;
Redis hands it to a second one. So a job runs in a thread of its own and its message is done with at once. A bell that
finds every place taken is let go: the row waits, a place that becomes free looks for it, and the sweep rings again.
"""

import logging
import threading
from typing import Any

from celery.signals import celeryd_after_setup
from django.db import close_old_connections, connections
from django.db.models import Q
from django.db.models.functions import Now

from automation.models import Job
from automation.run import run
from automation.states import JobState

logger = logging.getLogger("baton.automation")

_lock = threading.Lock()
_taken: set[int] = set()
_most = 4


@celeryd_after_setup.connect
def _as_many_as_the_worker_has(instance: Any, **_rest: Any) -> None:
    """`--concurrency` says how many jobs run at once."""
    global _most  # noqa: PLW0603 (set once, at the start of the worker)
    _most = instance.concurrency


def offer(job_id: int) -> bool:
    """Run this job in a place of its own; False where there is none, or it runs here already. Returns at once."""
    if not _take(job_id):
        return False
    # No daemon: whoever stops the executor in order waits for what runs.
    threading.Thread(target=_work, args=(job_id,), name=f"job-{job_id}").start()
    return True


def _take(job_id: int) -> bool:
    with _lock:
        if job_id in _taken or len(_taken) >= _most:
            return False
        _taken.add(job_id)
        return True


def _leave(job_id: int) -> None:
    with _lock:
        _taken.discard(job_id)


def _work(job_id: int) -> None:
    """This job, and after it whatever else is due: nobody rings for what was let go."""
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
    """The oldest job that may run now, but those that were tried a moment ago."""
    due = Q(not_before__isnull=True) | Q(not_before__lte=Now())
    waiting = Job.objects.filter(due, state=JobState.WAITING, expires_at__gt=Now()).exclude(pk__in=tried)
    return waiting.order_by("pk").values_list("pk", flat=True).first()
