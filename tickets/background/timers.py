"""到期: fire every timer once, late rather than never, also after crashes and double runs (I21, F08, F09, F34)."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

from common.retrying import retried
from templates_engine.program.program import Program
from templates_engine.store.programs import load
from tickets.background import reminders, timeouts
from tickets.background.due import Due, pages

logger = logging.getLogger("baton.timers")
REMINDED_TOGETHER = 500
TIMED_OUT_TOGETHER = 25  # somebody who decides on one of these tickets meanwhile waits for the whole batch
Fire = Callable[[Sequence[Due], datetime | None], int]
Programs = dict[int, Program | None]


def fire_due(at: datetime | None = None) -> int:
    """Fire everything that is due; returns how many timers. Any number of callers may run at once.

    The oldest page first; within a page, first the timers that only remind. A batch is one transaction, and takes only
    tickets that nobody has locked: the others are left to the next sweep. A batch that was cut off is done again as a
    whole (F01). One that fails is done again timer by timer, so that a broken ticket stops no other (F37, F38).
    at: None for now, by the database's clock (F32).
    """
    return sum(_fire(act, batch, at) for page in pages(at) for act, batch in _batches(page))


def _batches(page: list[Due]) -> Iterator[tuple[Fire, list[Due]]]:
    """What to fire together, and by which function; the timers of one ticket in their order."""
    programs = {version: _program(version) for version in {timer.version for timer in page}}
    changing = {timer.ticket for timer in page if not reminders.only_reminds(timer, programs[timer.version])}
    told = [timer for timer in page if timer.ticket not in changing]
    for first in range(0, len(told), REMINDED_TOGETHER):
        yield reminders.fire, told[first : first + REMINDED_TOGETHER]
    for batch in _apart([timer for timer in page if timer.ticket in changing], programs):
        yield timeouts.fire, batch


def _apart(timers: Iterable[Due], programs: Programs) -> Iterator[list[Due]]:
    """Batches of different tickets. A ticket that may have sub-tickets is alone: it waits for their locks, and whoever
    waits may hold no lock that they could wait for (F12).
    """
    batch: list[Due] = []
    for timer in timers:
        alone = _may_have_children(programs[timer.version])
        if alone or len(batch) == TIMED_OUT_TOGETHER or any(timer.ticket == other.ticket for other in batch):
            yield batch
            batch = []
        batch.append(timer)
        if alone:
            yield batch
            batch = []
    yield batch


def _may_have_children(program: Program | None) -> bool:
    return program is None or any(node["type"] == "subticket" for node in program.nodes.values())


def _program(version: int) -> Program | None:
    """The program of a template version; None if it cannot be read, which each of its timers will say."""
    try:
        return load(version)
    except Exception:  # noqa: BLE001 (one broken version stops no timer of the others)
        return None


def _fire(act: Fire, batch: list[Due], at: datetime | None) -> int:
    if not batch:
        return 0
    try:
        return retried(partial(act, batch, at))
    except Exception:
        if len(batch) > 1:
            return sum(_fire(act, [timer], at) for timer in batch)
        logger.exception("timer.failed", extra={"timer": batch[0].id})
        return 0
