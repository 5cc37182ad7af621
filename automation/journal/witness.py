"""Check the journal against the trail, for `audit verify`: find runs that the trail does not have (A32, F13)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from automation.journal import marks, runs
from automation.journal.book import JournalUnusable, Line, book
from tickets.audit.verify import Break
from tickets.models import Event, Ticket
from tickets.trail.events import RELEASES, Kind

PAGE = 500
SETTLED = timedelta(minutes=1)  # newer lines may belong to a transaction that is not committed yet


def breaks() -> Iterator[Break]:
    """Every run whose release or start is not in its ticket's trail; nothing if there is no journal."""
    if not book().path.exists():
        return
    try:
        with book().held(create=False) as held:
            marks.require_whole(held)
            lines = runs.live(held)
    except JournalUnusable as error:
        yield Break("journal", 0, "broken_journal", str(error))
        return
    before = (datetime.now(UTC) - SETTLED).isoformat()
    settled = [line for line in lines if line["at"] < before]
    for start in range(0, len(settled), PAGE):
        yield from _unknown(settled[start : start + PAGE])


def _unknown(lines: list[Line]) -> Iterator[Break]:
    kinds = (*RELEASES, Kind.JOB_STARTED, Kind.EXECUTION_REFUSED)
    events = Event.objects.filter(ticket__number__in={line["number"] for line in lines}, kind__in=kinds)
    told: dict[str, set[str | int]] = {}
    for number, kind, hash_, data in events.values_list("ticket__number", "kind", "hash", "data"):
        told.setdefault(number, set()).update(_marks(kind, hash_, data))
    existing = set(
        Ticket.objects.filter(number__in={line["number"] for line in lines}).values_list("number", flat=True)
    )
    for line in lines:
        run = f"job {line['job']} began at {line['at'][:19]}Z by the executor's journal"
        if line["number"] not in existing:
            yield Break(line["number"], 0, "lost_ticket", f"{run}, and there is no such ticket")
        elif not {line["release"], line["seq"]} <= told.get(line["number"], set()):
            yield Break(line["number"], 0, "lost_run", f"{run}; the trail does not say so")


def _marks(kind: str, hash_: str, data: dict[str, object]) -> set[str | int]:
    """What an event proves: a release, or the journal line of a start; a refusal names the lines it concerns."""
    if kind in RELEASES:
        return {hash_}
    entries = data.get("entries") if kind == Kind.EXECUTION_REFUSED else [data.get("entry")]
    return {entry for entry in entries if isinstance(entry, int)} if isinstance(entries, list) else set()
