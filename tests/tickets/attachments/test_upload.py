"""One upload: exactly one file, limited while it is read, stored completely or not at all."""

import errno
import os
import tracemalloc
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import DatabaseError
from django.http import HttpRequest, UnreadablePostError
from django.test import override_settings

from accounts.commands import create_token
from tests.api.calls import Answer, Api, codes
from tests.factories import LEAVE, NOW, act, breaks, fresh, submit, user
from tests.tickets.attachments.files import END, PNG, body_of, kept, part, post, send, uploaded
from tickets.files.storage import storage
from tickets.models import Attachment, Event

pytestmark = pytest.mark.usefixtures("world", "folder")
MB = 1024 * 1024


@pytest.fixture(autouse=True)
def nothing_left_in_scratch(scratch):
    yield
    assert list(scratch.iterdir()) == []


def test_an_upload_and_its_download(folder) -> None:
    api = Api("alice")
    answer = post(api, PNG, "图 1.png")
    assert answer.status_code == 201
    shown = answer.json()
    assert shown == {"id": shown["id"], "name": "图 1.png", "size": len(PNG), "content_type": "image/png"}
    assert len(shown["id"]) == 32
    assert body_of(api.get(f"attachments/{shown['id']}")) == PNG
    row = Attachment.objects.get(pk=shown["id"])
    assert (row.owner, row.ticket, row.loose) == (user("alice"), None, False)


WRONG = {
    "no part": (END, 422, ("file", "required")),
    "no name": (part(name=None) + END, 422, ("file", "required")),
    "empty name": (part(name="") + END, 422, ("file", "required")),
    "another key": (part(field="image") + END, 400, ("image", "unknown_key")),
    "two files": (part() + part(name="b.txt") + END, 422, ("file", "too_many_items")),
    "a value beside it": (part() + part(name=None, field="ticket") + END, 400, ("ticket", "unknown_key")),
    "a value before it": (part(name=None, field="x") + part() + END, 400, ("x", "unknown_key")),
    "empty": (part(b"") + END, 422, ("file", "empty_file")),
}


@pytest.mark.parametrize("what", WRONG)
def test_A42_exactly_one_file_and_nothing_else(folder, what) -> None:
    body, status, finding = WRONG[what]
    answer = send(Api("alice"), body)
    assert (answer.status_code, codes(answer)) == (status, {finding})
    assert kept(folder) == []
    assert not Attachment.objects.exists()


MALFORMED = {
    "no boundary in it": b"hello",
    "broken base64": part(b"%%%", headers="Content-Transfer-Encoding: base64\r\n") + END,
    "thousands of parts": part(b"", None, "x") * 2000 + END,
    "endless headers": part(headers="X: " + "y" * 100_000 + "\r\n") + END,
    "ten megabytes of value": part(b"x" * 10 * MB, None, "x") + END,
}


@pytest.mark.parametrize("what", MALFORMED)
def test_A19_a_malformed_body_is_refused(folder, what) -> None:
    answer = send(Api("alice"), MALFORMED[what])
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"
    assert kept(folder) == []


@pytest.mark.parametrize(
    ("kind", "status"),
    [("multipart/form-data", 400), ("multipart/form-data; boundary=" + "b" * 300, 415), ("application/json", 415),
     ("multipart/mixed; boundary=b", 415), ("image/png", 415), ("", 415)],
)  # fmt: skip
def test_another_content_type_is_refused(folder, kind, status) -> None:
    client = Api("alice").client
    answer = client.generic("POST", "/api/v1/attachments", part() + END, content_type=kind)
    assert answer.status_code == status
    keyed = client.generic(
        "POST", "/api/v1/attachments", part() + END, content_type=kind, headers={"Idempotency-Key": "k"}
    )
    assert keyed.status_code == status
    assert kept(folder) == []


@pytest.mark.parametrize(("over", "status"), [(0, 201), (1, 413)])
@override_settings(ATTACHMENT_MAX_BYTES=2 * MB)
def test_the_limit_is_exact(folder, over, status) -> None:
    answer = post(Api("alice"), b"x" * (2 * MB + over))
    assert answer.status_code == status
    assert len(kept(folder)) == (status == 201)
    if over:
        assert (answer.json()["code"], answer.json()["limit_mb"]) == ("attachment_too_large", 2)


class Endless:
    """A body without end; says how much was taken of it."""

    def __init__(self) -> None:
        self.taken = 0
        self._head = part()[:-7]

    def read(self, size: int = -1) -> bytes:
        data, self._head = (self._head or b"x" * min(size if size > 0 else MB, MB)), b""
        self.taken += len(data)
        return data

    readline = read


def stream(body: Any, promised: int) -> Answer:
    """POST whatever `body` gives, under this Content-Length."""
    return Api("alice").client.generic(
        "POST", "/api/v1/attachments", b"-", content_type="multipart/form-data; boundary=b",
        **{"wsgi.input": body, "CONTENT_LENGTH": str(promised)},
    )  # fmt: skip


@pytest.mark.parametrize("promised", [1 << 30, 20 * MB])
def test_A42_a_gigabyte_is_refused_early(folder, promised) -> None:
    """By its length before a byte is read; where the length lies, at the limit, without filling memory or disk."""
    body = Endless()
    tracemalloc.start()
    with override_settings(ATTACHMENT_MAX_BYTES=20 * MB if promised > 20 * MB else 5 * MB):
        answer = stream(body, promised)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer.status_code, answer.json()["code"]) == (413, "attachment_too_large")
    assert body.taken == 0
    assert peak < 10 * MB
    assert kept(folder) == []


@override_settings(ATTACHMENT_MAX_BYTES=5 * MB - 70_000)
def test_A42_a_length_just_below_the_limit_is_refused_at_the_limit(folder) -> None:
    body = Endless()
    answer = stream(body, 5 * MB - 70_000 + 60_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "attachment_too_large")
    assert kept(folder) == []


def test_an_upload_that_breaks_off_is_not_kept(folder) -> None:
    """The server's stream ends before the promised length, as when a phone loses its network."""
    whole = part(b"x" * 2 * MB) + END
    answer = stream(BytesIO(whole[:MB]), len(whole))
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert kept(folder) == []
    assert not Attachment.objects.exists()


def test_a_connection_that_is_reset_is_no_bug(folder, monkeypatch) -> None:
    def reset(request, *args):
        raise UnreadablePostError("reset")

    monkeypatch.setattr(HttpRequest, "read", reset)
    assert post(Api("alice")).status_code == 400
    assert kept(folder) == []


# --- quotas ------------------------------------------------------------------------------------------


@override_settings(ATTACHMENT_UNUSED_BYTES=10)
def test_A42_quota_of_unused_bytes_is_everybodys_own(folder) -> None:
    alice = Api("alice")
    assert [post(alice, b"12345").status_code for _i in range(3)] == [201, 201, 409]
    assert post(alice, b"1").json()["code"] == "quota_exceeded"
    assert post(Api("heidi"), b"12345").status_code == 201
    assert len(kept(folder)) == 3
    ticket = submit("leave", LEAVE)
    assert post(alice, b"12345", path=f"tickets/{ticket.number}/attachments").status_code == 201


@override_settings(ATTACHMENT_UNUSED_FILES=2)
def test_A42_quota_of_unused_files(folder) -> None:
    assert [post(Api("alice"), b"x").status_code for _i in range(3)] == [201, 201, 409]


@override_settings(ATTACHMENT_PERSON_BYTES=10)
def test_A42_quota_of_a_person_counts_used_files_too(folder) -> None:
    path = f"tickets/{submit('leave', LEAVE).number}/attachments"
    assert post(Api("alice"), b"123456", path=path).status_code == 201
    assert post(Api("alice"), b"12345", path=path).json()["code"] == "quota_exceeded"
    assert post(Api("alice"), b"12345").json()["code"] == "quota_exceeded"
    assert post(Api("bob"), b"12345", path=path).status_code == 201
    assert len(kept(folder)) == 2


# --- whole or not at all -----------------------------------------------------------------------------


def test_F36_no_room_in_the_storage(folder, monkeypatch) -> None:
    """Half the bytes are written when the disk is full: refused whole, and the half is gone."""
    kept_ = FileSystemStorage._save  # type: ignore[attr-defined]

    def fills_up(self, name, content):
        kept_(self, name, content)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", fills_up)
    ticket = submit("leave", LEAVE)
    for path in ("attachments", f"tickets/{ticket.number}/attachments"):
        answer = post(Api("alice"), b"x" * MB, path=path)
        assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
        assert answer["Content-Type"] == "application/problem+json"
    assert kept(folder) == []
    assert not Attachment.objects.exists()
    assert not Event.objects.filter(kind="ticket.attached").exists()
    act(ticket, "bob")  # deciding goes on
    assert fresh(ticket).state == "completed"


def test_F36_no_room_for_the_temporary_file(folder, monkeypatch) -> None:
    def full(descriptor, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    class Full:
        def write(self, data):
            full(0, data)

        def close(self):
            pass

    monkeypatch.setattr("tempfile.SpooledTemporaryFile", lambda **options: Full())
    answer = post(Api("alice"))
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert kept(folder) == []


def test_F36_a_retry_with_the_same_key_succeeds_when_there_is_room(folder, monkeypatch) -> None:
    api = Api("alice")
    with monkeypatch.context() as full:
        full.setattr("os.fsync", lambda descriptor: (_ for _ in ()).throw(OSError(errno.EDQUOT, "quota")))
        assert post(api, Idempotency_Key="k").status_code == 507
    assert kept(folder) == []
    assert post(api, Idempotency_Key="k").status_code == 201


def test_F36_a_row_that_cannot_be_written_leaves_no_file(folder, monkeypatch) -> None:
    ticket = submit("leave", LEAVE)

    def refuse(self, **options):
        raise DatabaseError("lost")

    monkeypatch.setattr(Attachment, "save", refuse)
    for path in ("attachments", f"tickets/{ticket.number}/attachments"):
        assert post(Api("alice"), path=path).status_code == 500
    assert kept(folder) == []


def test_other_trouble_of_the_disk_is_not_called_full(folder, monkeypatch) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: (_ for _ in ()).throw(OSError(errno.EIO, "broken")))
    assert post(Api("alice")).status_code == 500
    assert kept(folder) == []


def test_a_file_is_on_the_disk_before_its_row(folder, monkeypatch) -> None:
    seen = []
    real = os.fsync
    monkeypatch.setattr("os.fsync", lambda descriptor: (seen.append(Attachment.objects.count()), real(descriptor)))
    post(Api("alice"))
    assert seen == [0, 0, 0]  # the file, its folder, the folder above


# --- the same key ------------------------------------------------------------------------------------


def test_F02_a_retried_upload_is_one_file(folder) -> None:
    api = Api("alice")
    first = post(api, b"one", Idempotency_Key="k")
    again = post(api, b"one", Idempotency_Key="k")
    assert (again.status_code, again.json()) == (201, first.json())
    boundary = api.client.generic(
        "POST", "/api/v1/attachments", (part(b"one") + END).replace(b"--b", b"--other"),
        content_type="multipart/form-data; boundary=other", headers={"Idempotency-Key": "k"},
    )  # fmt: skip
    assert boundary.json() == first.json()
    assert len(kept(folder)) == Attachment.objects.count() == 1


@pytest.mark.parametrize(("data", "name"), [(b"two", "a.txt"), (b"one", "b.txt")])
def test_another_file_with_the_same_key_is_a_mismatch(folder, data, name) -> None:
    api = Api("alice")
    post(api, b"one", Idempotency_Key="k")
    answer = post(api, data, name, Idempotency_Key="k")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_mismatch")
    assert len(kept(folder)) == 1


# --- beside the form of a ticket ---------------------------------------------------------------------


def test_whoever_sees_the_ticket_may_add_a_file(folder) -> None:
    ticket = submit("leave", LEAVE)
    version = ticket.version
    ids = [post(Api(who), b"x", path=f"tickets/{ticket.number}/attachments").json()["id"] for who in ("alice", "bob")]
    assert post(Api("heidi"), b"x", path=f"tickets/{ticket.number}/attachments").status_code == 404
    told = Event.objects.filter(ticket=ticket, kind="ticket.attached").order_by("seq")
    assert [(e.actor.username, e.data["attachment"]) for e in told] == list(zip(("alice", "bob"), ids, strict=True))
    row = Attachment.objects.get(pk=ids[0])
    assert told[0].data == {"attachment": row.pk, "name": "a.txt", "size": 1, "sha256": row.sha256}
    assert fresh(ticket).version == version  # a file stands in no approver's way
    assert breaks(ticket) == []


@pytest.mark.parametrize("verb", ["approve", "veto"])
def test_I08_a_final_ticket_takes_no_file(folder, verb) -> None:
    ticket = submit("leave", LEAVE)
    act(ticket, "bob", verb)
    answer = post(Api("alice"), path=f"tickets/{ticket.number}/attachments")
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    assert kept(folder) == []


@override_settings(ATTACHMENTS_PER_TICKET=1)
def test_files_of_a_ticket_are_counted(folder) -> None:
    path = f"tickets/{submit('leave', LEAVE).number}/attachments"
    answers = [post(Api("alice"), path=path) for _i in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["code"] == "too_many_attachments"
    assert len(kept(folder)) == 1


def test_a_cookie_needs_the_csrf_token_in_its_header(folder) -> None:
    """A08: a page of another origin can send a form, but no header."""
    forged = post(Api("alice", enforce_csrf_checks=True))
    assert forged.status_code == 403
    browser = Api("alice", enforce_csrf_checks=True)
    browser.client.cookies["csrftoken"] = "t" * 32
    inside = part(b"t" * 32, None, "csrfmiddlewaretoken") + part() + END
    assert send(browser, inside).status_code == 400
    assert post(browser, X_CSRFToken="t" * 32).status_code == 201
    token, secret = create_token(user=user("alice"), name="ci", expires_at=None)
    assert token.user == user("alice")
    scripted = post(Api(enforce_csrf_checks=True), Authorization=f"Bearer {secret}")
    assert scripted.status_code == 201
    assert len(kept(folder)) == 2


def test_files_have_no_public_address(folder) -> None:
    row = uploaded(at=NOW - timedelta(days=1))
    with pytest.raises(ValueError):
        storage().url(row.stored_as)
