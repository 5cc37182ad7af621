"""Dropping what nobody uses: uploads that no ticket took, files that no row names."""

from datetime import datetime, timedelta

from django.db import transaction

from tickets.attachments.storage import FOLDERS, discard, storage
from tickets.models import Attachment

KEEP = timedelta(hours=24)
BATCH = 500


def purge_unused(at: datetime) -> int:
    """Drop uploads that no ticket took within KEEP; how many. The row goes first: no row ever names a missing file."""
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
    """Remove files that no row names, left by a killed process; how many.

    A young file may belong to a transaction that has not ended: it is left alone. folders: default those of this
    hour, so that an hourly call looks at every file once a day.
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
