"""Delete unused files: uploads without a ticket, and files without a row."""

from datetime import datetime, timedelta

from django.db import transaction

from tickets.files.storage import FOLDERS, discard, storage
from tickets.models import Attachment

KEEP = timedelta(hours=24)
BATCH = 500


def purge_unused(at: datetime) -> int:
    """Delete uploads not bound within KEEP; returns how many. Rows go first, so no row names a missing file."""
    gone = 0
    while True:
        with transaction.atomic():
            old = Attachment.objects.filter(ticket__isnull=True, created_at__lt=at - KEEP)
            rows = list(old.select_for_update(skip_locked=True).values_list("pk", "stored_as")[:BATCH])
            Attachment.objects.filter(pk__in=[pk for pk, _name in rows]).delete()
        for _pk, name in rows:
            discard(name)
        gone += len(rows)
        if len(rows) < BATCH:
            return gone


def sweep_orphans(at: datetime, folders: list[str] | None = None) -> int:
    """Remove files without a row, left by a killed process; returns how many.

    A young file may belong to an open transaction and is kept. folders: by default those of this hour, so that hourly
    calls check every file once a day.
    """
    kept = storage()
    gone = 0
    for folder in FOLDERS[at.hour :: 24] if folders is None else folders:
        try:
            _folders, files = kept.listdir(folder)
        except FileNotFoundError:
            continue
        names = [f"{folder}/{file}" for file in files]
        for start in range(0, len(names), BATCH):
            page = names[start : start + BATCH]
            known = set(Attachment.objects.filter(stored_as__in=page).values_list("stored_as", flat=True))
            orphans = [n for n in page if n not in known and kept.get_modified_time(n) < at - KEEP]
            for name in orphans:
                discard(name)
            gone += len(orphans)
    return gone
