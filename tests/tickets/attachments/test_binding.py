"""Files named by a form: ownership, limits of the field, and one ticket per file (A06, I23)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import override_settings

from tests.factories import LEAVE, NOW, submit, user
from tests.tickets.attachments.files import PNG, ZIP, uploaded
from tickets.errors import Invalid
from tickets.files.binding import bind, claim, without_attachments
from tickets.models import Attachment, ContentVersion, Ticket
from tickets.queries.around import around

pytestmark = pytest.mark.usefixtures("world", "folder")
FIELD: Any = {"key": "files", "type": "attachment"}
TABLE: Any = {"key": "rows", "type": "table", "columns": [{"key": "proof", "type": "attachment"}]}


def judge(form, field=FIELD, who="alice", ticket=None):
    findings, facts = bind(form, [field], actor=user(who), ticket=ticket or Ticket())
    return {(finding["path"], finding["code"]) for finding in findings}, facts


def test_my_own_unused_files_may_be_named() -> None:
    rows = [uploaded(data=data) for data in (b"one", b"two")]
    assert judge({"files": [row.pk for row in rows]}) == (set(), {row.pk: row.sha256 for row in rows})


def test_no_file_costs_no_statement(django_assert_num_queries) -> None:
    alice = user("alice")
    with django_assert_num_queries(0):
        assert bind({"x": 1}, [FIELD, TABLE], actor=alice, ticket=Ticket()) == ([], {})
        claim([], Ticket())


def test_I23_files_of_others_are_as_unknown_as_none() -> None:
    mine, foreign = uploaded(), uploaded("heidi")
    taken = uploaded("alice", submit("leave", LEAVE))
    form = {"files": [mine.pk, foreign.pk, "0" * 32, taken.pk]}
    findings, facts = judge(form)
    assert findings == {(f"form.files[{i}]", "unknown_attachment") for i in (1, 2, 3)}
    assert facts == {mine.pk: mine.sha256}


def test_an_administrator_cannot_use_what_others_uploaded() -> None:
    assert judge({"files": [uploaded().pk]}, who="admin")[0] == {("form.files[0]", "unknown_attachment")}


def test_what_is_this_tickets_already_stays_usable_whoever_edits() -> None:
    ticket = submit("leave", LEAVE)
    row = uploaded("alice", ticket)
    assert judge({"files": [row.pk]}, who="bob", ticket=ticket) == (set(), {row.pk: row.sha256})


def test_a_file_named_twice() -> None:
    row = uploaded()
    form = {"rows": [{"proof": [row.pk]}, {"proof": [row.pk]}]}
    assert judge(form, TABLE) == ({("form.rows[1].proof[0]", "repeated_item")}, {row.pk: row.sha256})


@pytest.mark.parametrize(
    ("name", "data", "accept", "fits"),
    [
        ("a.png", PNG, ["png"], True),
        ("A.PNG", PNG, ["png"], True),
        ("a.png", b"<svg onload=alert(1)>", ["png"], False),
        ("a.png", ZIP, ["png", "zip"], False),
        ("a.pdf.exe", b"%PDF-1.7", ["pdf"], False),
        ("a.exe.pdf", b"MZ\x90\0\0\0", ["pdf"], False),
        ("a.docx", ZIP, ["docx"], True),
        ("a.docx", PNG, ["docx"], False),
        ("a.tar.gz", b"\x1f\x8b\x08\0", ["tar.gz"], True),
        ("a.gz", b"\x1f\x8b\x08\0", ["tar.gz"], False),
        ("png", PNG, ["png"], False),
        ("invoice\u202egnp.exe", PNG, ["png"], False),
        ("a.csv", "a,中\n".encode("gb18030"), ["csv"], True),
    ],
)
def test_A42_name_and_content_must_both_be_accepted(name, data, accept, fits) -> None:
    row = uploaded(data=data, name=name)
    findings, _facts = judge({"files": [row.pk]}, {**FIELD, "accept": accept})
    assert findings == (set() if fits else {("form.files[0]", "attachment_type")})


def test_a_fields_own_size() -> None:
    small, large = uploaded(data=b"x" * 1024 * 1024), uploaded(data=b"x" * (1024 * 1024 + 1))
    findings, _facts = judge({"files": [small.pk, large.pk]}, {**FIELD, "max_size_mb": 1})
    assert findings == {("form.files[1]", "attachment_too_large")}


@override_settings(ATTACHMENTS_PER_TICKET=1)
def test_files_of_a_ticket_are_counted() -> None:
    rows = [uploaded() for _i in range(2)]
    assert judge({"files": [row.pk for row in rows]})[0] == {("form", "too_many_attachments")}


def test_claimed_once_and_for_good() -> None:
    first, second = submit("leave", LEAVE), submit("leave", LEAVE)
    row = uploaded()
    claim([row.pk], first)
    claim([row.pk], first)  # a second content of the same ticket names it again
    with pytest.raises(Invalid) as refused:
        claim([row.pk], second)
    assert refused.value.errors[0]["code"] == "unknown_attachment"
    row.refresh_from_db()
    assert row.ticket_id == first.pk


def test_a_file_that_was_purged_in_between_is_refused() -> None:
    with pytest.raises(Invalid):
        claim(["0" * 32], submit("leave", LEAVE))


@pytest.mark.parametrize(
    "change",
    [{"sha256": "0" * 64}, {"name": "b.txt"}, {"stored_as": "00/x"}, {"size": 9}, {"content_type": "text/html"},
     {"created_at": NOW + timedelta(days=1)}, {"id": "f" * 32}],
    ids=str,
)  # fmt: skip
def test_A06_the_database_refuses_to_change_a_file(change) -> None:
    loose, free = uploaded("alice", submit("leave", LEAVE)), uploaded()
    for row in (loose, free):
        with pytest.raises(DatabaseError), transaction.atomic():
            Attachment.objects.filter(pk=row.pk).update(**change)


@pytest.mark.parametrize("act", ["move", "free", "delete"])
def test_A06_the_database_keeps_a_bound_file_where_it_is(act) -> None:
    row, other = uploaded("alice", submit("leave", LEAVE)), submit("leave", LEAVE)
    mine = Attachment.objects.filter(pk=row.pk)
    acts = {"move": lambda: mine.update(ticket=other), "free": lambda: mine.update(ticket=None, loose=False),
            "delete": mine.delete}  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        acts[act]()


def test_a_ticket_shows_what_its_content_names_and_the_loose_ones(django_assert_num_queries) -> None:
    ticket = submit("leave", LEAVE)
    named, dropped = uploaded(data=b"1", name="named.txt"), uploaded(data=b"2", name="dropped.txt")
    loose = uploaded("bob", ticket, data=b"3", name="loose.txt", at=NOW + timedelta(hours=1))
    claim([named.pk, dropped.pk], ticket)
    name_in_content(ticket, {named.pk: named.sha256})
    with django_assert_num_queries(1):
        shown = around(ticket, ticket.applicant, NOW)["attachments"]
    assert shown == [
        {"id": row.pk, "name": row.name, "size": 1, "content_type": row.content_type} for row in (named, loose)
    ]
    assert around(submit("leave", LEAVE), ticket.applicant, NOW)["attachments"] == []


def name_in_content(ticket: Ticket, hashes: dict[str, str]) -> None:
    """A next content of this ticket that names these files."""
    old = ticket.content
    made = ContentVersion.objects.create(
        ticket=ticket, number=old.number + 1, form=old.form, facts={**old.facts, "attachments": hashes}, plans={},
        digest=old.digest, created_by=ticket.applicant, created_at=NOW,
    )  # fmt: skip
    Ticket.objects.filter(pk=ticket.pk).update(content=made)


def test_a_copy_starts_without_files() -> None:
    fields: list[Any] = [FIELD, TABLE, {"key": "note", "type": "text"}]
    form = {"files": ["0" * 32], "rows": [{"proof": ["1" * 32], "left": 1}], "note": "x"}
    assert without_attachments(form, fields) == {"rows": [{"left": 1}], "note": "x"}
