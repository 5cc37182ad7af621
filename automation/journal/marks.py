"""Compare journal and database: neither can be cut or replaced unnoticed.

A job's row holds the journal and the line at which it began. (Only an attacker who controls both the database *and*
the executor's disk could falsify both.)
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Max

from automation.journal.book import FILE, Book, JournalUnusable, book
from automation.models import Job


def may_create() -> bool:
    """Whether an executor without a journal may create one: not if jobs of its site have begun under another one.

    `manage.py journal new` creates one on purpose.
    """
    return not Job.objects.filter(site=settings.SITE).exclude(journal="").exists()


def require_whole(held: Book) -> None:
    """Raises JournalUnusable if the database has a later line number of this journal than the file."""
    last = Job.objects.filter(journal=held.id).aggregate(last=Max("entry"))["last"]
    if last is not None and last > held.seq:
        raise JournalUnusable(f"{held.path}: was cut: it ends at line {held.seq}, a job began at line {last}")


def problems() -> Iterator[str]:
    """The problems that `doctor` reports; none if jobs can run."""
    try:
        with book().held(create=False) as held:
            require_whole(held)
            yield from _strangers(held)
    except JournalUnusable as error:
        folder = Path(settings.JOURNAL_DIR)
        if (folder / FILE).exists() or not may_create():
            yield f"{error}. No job starts. Put the executor's journal back; docs/operation.md, The executor's journal"
        elif not _could_be_made(folder):
            yield f"{folder} cannot be written, so no job starts: mend it or set BATON_JOURNAL_DIR"


def _strangers(held: Book) -> Iterator[str]:
    """Jobs that began under another journal after this one was created."""
    others = (
        Job.objects.filter(site=settings.SITE)
        .exclude(journal__in=["", held.id])
        .filter(started_at__gt=datetime.fromisoformat(held.opened_at))
    )
    last = others.aggregate(last=Max("started_at"))["last"]
    if last is not None:
        yield (
            f"jobs have begun under another journal too, last at {last:%Y-%m-%d %H:%M}Z: executors of one queue "
            "share one BATON_JOURNAL_DIR"
        )


def _could_be_made(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / "probe"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError:
        return False
    return True
