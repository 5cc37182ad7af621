"""Unused files are deleted, used ones never (F36)."""

import os
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from tests.factories import LEAVE, NOW, submit
from tests.tickets.attachments.files import kept, uploaded
from tickets.files.purge import KEEP, purge_unused, sweep_orphans
from tickets.files.storage import FOLDERS, storage
from tickets.models import Attachment
from tickets.tasks import purge_attachments

pytestmark = pytest.mark.usefixtures("world")


def paths(rows) -> list[str]:
    return sorted(row.stored_as for row in rows)


def found(folder) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in kept(folder))


def test_only_old_unused_uploads_go(folder) -> None:
    old, young = uploaded(at=NOW - KEEP - timedelta(seconds=1)), uploaded(at=NOW - KEEP)
    bound = uploaded("alice", submit("leave", LEAVE), at=NOW - timedelta(days=900))
    assert purge_unused(NOW) == 1
    assert not Attachment.objects.filter(pk=old.pk).exists()
    assert found(folder) == paths([young, bound])
    assert purge_unused(NOW) == 0


def test_many_go_in_bounded_steps(folder, monkeypatch) -> None:
    monkeypatch.setattr("tickets.files.purge.BATCH", 2)
    for _i in range(5):
        uploaded(at=NOW - timedelta(days=2))
    assert purge_unused(NOW) == 5
    assert kept(folder) == []


def test_a_file_that_cannot_be_removed_is_found_by_the_sweep(folder, monkeypatch) -> None:
    row = uploaded(at=NOW - timedelta(days=2))
    with monkeypatch.context() as broken:
        broken.setattr("os.remove", lambda path: (_ for _ in ()).throw(PermissionError(path)))
        assert purge_unused(NOW) == 1
    assert found(folder) == [row.stored_as]
    age(folder / row.stored_as, KEEP + timedelta(minutes=1))
    assert sweep_orphans(NOW, FOLDERS) == 1
    assert kept(folder) == []


def age(path, by: timedelta) -> None:
    then = (NOW - by).timestamp()
    os.utime(path, (then, then))


def test_the_sweep_takes_only_old_files_without_a_row(folder) -> None:
    used, unused = uploaded("alice", submit("leave", LEAVE)), uploaded()
    orphan, fresh = folder / "ab" / "old", folder / "ab" / "fresh"
    orphan.parent.mkdir(exist_ok=True)
    for path in (orphan, fresh):
        path.write_bytes(b"x")
    age(fresh, KEEP - timedelta(minutes=1))
    for path in (folder / used.stored_as, folder / unused.stored_as, orphan):
        age(path, KEEP + timedelta(minutes=1))
    assert sweep_orphans(NOW, FOLDERS) == 1
    assert found(folder) == sorted([*paths([used, unused]), "ab/fresh"])


def test_every_folder_has_its_hour() -> None:
    seen = [folder for hour in range(24) for folder in FOLDERS[hour::24]]
    assert sorted(seen) == FOLDERS


def test_a_storage_that_holds_nothing_yet(folder) -> None:
    assert sweep_orphans(NOW, FOLDERS) == 0


def test_the_task_does_both(folder) -> None:
    uploaded(at=NOW - timedelta(days=2000))
    purge_attachments()
    assert kept(folder) == []


# --- audit verify --files -----------------------------------------------------------------------------


def verify(*options: str) -> tuple[int, str]:
    said = StringIO()
    try:
        call_command("audit", "verify", *options, stdout=said)
    except SystemExit as ended:
        return int(ended.code or 0), said.getvalue()
    return 0, said.getvalue()


def test_the_audit_reads_every_file(folder) -> None:
    ticket = submit("leave", LEAVE)
    row = uploaded("alice", ticket, b"pay 10")
    assert verify("--files")[0] == 0
    (folder / row.stored_as).write_bytes(b"pay 99")
    assert verify()[0] == 0
    status, said = verify("--files", "--ticket", ticket.number)
    assert status == 1
    assert f"{ticket.number}: changed_file: the stored file of attachment {row.pk} is missing or changed" in said


def test_I07_the_audit_names_a_forged_row_and_a_lost_one(folder) -> None:
    ticket = submit("leave", LEAVE)
    told = uploaded("alice", ticket)
    storage().delete(told.stored_as)
    forged = uploaded()
    Attachment.objects.filter(pk=forged.pk).update(ticket=ticket, loose=True)
    status, said = verify("--files")
    assert status == 1
    assert f"forged_attachment: attachment {forged.pk}" in said
    assert f"changed_file: the stored file of attachment {told.pk}" in said
