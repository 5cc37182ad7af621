"""Worker threads for dry runs: a quarter of the worker's concurrency, at least one.

So dry runs never take a job's thread, and jobs never starve them. As with jobs, the message that announced a dry run
is acknowledged at once; if no thread is free, a thread that becomes free takes it, or the sweep rings again.
"""

import logging
import threading
from typing import Any

from celery.signals import celeryd_after_setup
from django.db import close_old_connections, connections

from automation import stopping
from automation.dry_runs.fair_turns import next_waiting
from automation.dry_runs.run import run

logger = logging.getLogger("baton.automation")
SHARE = 4

_lock = threading.Lock()
_taken: set[int] = set()
_most = 1


@celeryd_after_setup.connect
def _a_share_of_the_worker(instance: Any, **_rest: Any) -> None:
    global _most  # noqa: PLW0603 (set once, at the start of the worker)
    _most = max(1, instance.concurrency // SHARE)


def offer(dry_run_id: int) -> bool:
    """Run this one in a thread of its own. Returns at once; False if none is free, if it runs here, or in a stop."""
    if not _take(dry_run_id):
        return False
    stopping.begin(_work, dry_run_id, "dry-run")
    return True


def _take(dry_run_id: int) -> bool:
    with _lock:
        if stopping.is_asked() or dry_run_id in _taken or len(_taken) >= _most:
            return False
        _taken.add(dry_run_id)
        return True


def _leave(dry_run_id: int) -> None:
    with _lock:
        _taken.discard(dry_run_id)


def _work(dry_run_id: int) -> None:
    """Run this one, then the other waiting ones, each person in turn."""
    tried: set[int] = set()
    try:
        while True:
            tried.add(dry_run_id)
            _run(dry_run_id)
            following = next_waiting(tried)
            _leave(dry_run_id)
            if following is None or not _take(following):
                return
            dry_run_id = following
    except Exception:
        logger.exception("dry_run.place_failed", extra={"dry_run": dry_run_id})
    finally:
        _leave(dry_run_id)
        connections.close_all()


def _run(dry_run_id: int) -> None:
    close_old_connections()
    try:
        run(dry_run_id)
    except Exception:
        logger.exception("dry_run.failed_to_run", extra={"dry_run": dry_run_id})
