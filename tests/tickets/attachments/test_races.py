"""Files in parallel requests: one ticket per file, one quota per person (I04 in kind, A42)."""

import pytest
from django.db import transaction
from django.test import override_settings

from tests.api.calls import Api
from tests.factories import LEAVE, NOW, submit
from tests.races.crowd import lost, race, won
from tests.tickets.attachments.files import kept, post, uploaded
from tickets.errors import Invalid
from tickets.files.binding import claim
from tickets.files.purge import KEEP, purge_unused
from tickets.models import Attachment, Event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("demo", "folder")]


def test_one_file_wanted_by_many_tickets() -> None:
    row = uploaded()
    tickets = [submit("leave", LEAVE) for _i in range(6)]

    def take(ticket) -> int:
        with transaction.atomic():
            claim([row.pk], ticket)
            return ticket.pk

    outcomes = race([lambda ticket=ticket: take(ticket) for ticket in tickets])
    assert len(won(outcomes)) == 1
    assert lost(outcomes) == ["invalid"] * 5
    row.refresh_from_db()
    assert [row.ticket_id] == won(outcomes)


def test_F36_a_file_is_claimed_or_purged_never_both(folder) -> None:
    for _round in range(8):
        row, ticket = uploaded(at=NOW), submit("leave", LEAVE)

        def take(row=row, ticket=ticket) -> None:
            with transaction.atomic():
                claim([row.pk], ticket)

        outcome, _gone = race([take, lambda: purge_unused(NOW + KEEP * 2)])
        there = Attachment.objects.filter(pk=row.pk).exists()
        assert there is not isinstance(outcome, Invalid)
        assert (folder / row.stored_as).exists() is there


@override_settings(ATTACHMENT_UNUSED_BYTES=20)
def test_A42_a_quota_cannot_be_raced(folder) -> None:
    apis = [Api("alice") for _i in range(6)]
    answers = race([lambda api=api: post(api, b"0123456789") for api in apis])
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409, 409]
    assert len(kept(folder)) == Attachment.objects.count() == 2


@override_settings(ATTACHMENTS_PER_TICKET=2)
def test_files_of_a_ticket_cannot_be_raced(folder) -> None:
    path = f"tickets/{submit('leave', LEAVE).number}/attachments"
    apis = [Api(who) for who in ("alice", "bob", "admin") * 2]
    answers = race([lambda api=api: post(api, path=path) for api in apis])
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409, 409]
    assert len(kept(folder)) == Event.objects.filter(kind="ticket.attached").count() == 2


def test_F11_one_key_many_uploads_one_file(folder) -> None:
    apis = [Api("alice") for _i in range(5)]
    answers = race([lambda api=api: post(api, Idempotency_Key="k") for api in apis])
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(kept(folder)) == Attachment.objects.count() == 1


def test_F36_a_transaction_that_fails_at_its_end_leaves_no_file(folder, monkeypatch) -> None:
    """Refused only at the commit, as when the database's own disk is full."""
    from django.db import OperationalError
    from django.db.backends.postgresql.base import DatabaseWrapper

    commit = DatabaseWrapper._commit  # type: ignore[attr-defined]
    api = Api("alice")

    def fail(self):
        if Attachment.objects.exists():
            raise OperationalError("could not write to file: No space left on device")
        return commit(self)

    monkeypatch.setattr(DatabaseWrapper, "_commit", fail)
    answer = post(api)
    monkeypatch.undo()
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert kept(folder) == []
    assert not Attachment.objects.exists()
