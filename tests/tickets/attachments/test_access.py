"""I23, A41: an unused file is visible to its owner only, a bound one as its ticket is; knowing the id is not enough."""

from datetime import timedelta

import pytest

from accounts.commands import revoke_proxy
from tests.api.calls import Api
from tests.factories import LEAVE, NOW, act, approval, breaks, fresh, proxy, submit, template, user
from tests.tickets.attachments.files import body_of, kept, uploaded
from tickets.commands import talk
from tickets.commands.withdraw import withdraw
from tickets.errors import Invalid
from tickets.queries.around import around

pytestmark = pytest.mark.usefixtures("world", "folder")
EVERYBODY = (None, "alice", "bob", "carol", "dave", "heidi", "admin")


def who_gets(row) -> set[str | None]:
    answers = {who: Api(who).get(f"attachments/{row.pk}") for who in EVERYBODY}
    for who, answer in answers.items():
        assert answer.status_code in ((200, 404) if who else (401,))
        if answer.status_code == 404:
            assert answer.json()["code"] == "not_found"
    return {who for who, answer in answers.items() if answer.status_code == 200}


def test_A41_unused_it_is_its_owners_alone() -> None:
    assert who_gets(uploaded("heidi")) == {"heidi"}
    assert who_gets(uploaded("admin")) == {"admin"}


def test_A41_bound_it_is_whoever_sees_the_ticket() -> None:
    ticket = submit("leave", LEAVE)
    row = uploaded("bob", ticket)
    assert who_gets(row) == {"alice", "bob", "admin"}
    talk.watch(number=ticket.number, actor=user("alice"), at=NOW, users=["heidi"])
    assert who_gets(row) == {"alice", "bob", "heidi", "admin"}


def test_A41_a_proxy_gets_it_while_he_acts() -> None:
    row = uploaded("alice", submit("leave", LEAVE))
    held = proxy("bob", "dave", NOW - timedelta(days=1), NOW.replace(year=2099))
    assert who_gets(row) == {"alice", "bob", "dave", "admin"}
    revoke_proxy(actor=user("bob"), proxy_id=held.pk, at=NOW)
    assert who_gets(row) == {"alice", "bob", "admin"}


def test_A41_who_added_it_and_lost_sight_of_the_ticket_lost_it_too() -> None:
    ticket = submit("leave", LEAVE)
    held = proxy("bob", "dave", NOW - timedelta(days=1), NOW.replace(year=2099))
    row = uploaded("dave", ticket)
    revoke_proxy(actor=user("bob"), proxy_id=held.pk, at=NOW)
    assert "dave" not in who_gets(row)


def test_it_stays_when_the_ticket_is_over() -> None:
    ticket = submit("leave", LEAVE)
    row = uploaded("alice", ticket, b"proof")
    withdraw(number=ticket.number, actor=user("alice"), at=NOW)
    assert body_of(Api("bob").get(f"attachments/{row.pk}")) == b"proof"


@pytest.mark.parametrize("key", ["0" * 32, "x", "../../etc/passwd", "%2e%2e%2f", "0" * 5000, "%ff", "１"])
def test_A41_no_such_file(key) -> None:
    answer = Api("admin").get(f"attachments/{key}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_a_stored_name_is_no_address() -> None:
    row = uploaded()
    for path in (row.stored_as, row.stored_as.split("/")[1]):
        assert Api("alice").get(f"attachments/{path}").status_code == 404


@pytest.mark.parametrize("harm", ["removed", "cut", "changed"])
def test_F36_a_damaged_file_is_never_handed_out(folder, harm) -> None:
    ticket = submit("leave", LEAVE)
    row = uploaded("alice", ticket, b"pay 10")
    [path] = kept(folder)
    {"removed": path.unlink, "cut": lambda: path.write_bytes(b"pay"), "changed": lambda: path.write_bytes(b"pay 99")}[
        harm
    ]()
    answer = Api("bob").get(f"attachments/{row.pk}")
    assert (answer.status_code, answer.json()["code"]) == (503, "file_unavailable")
    assert Api("bob").get(f"tickets/{ticket.number}").status_code == 200
    act(ticket, "bob")


def test_a_download_is_sent_in_pieces(folder) -> None:
    data = b"0123456789abcdef" * 100_000
    answer = Api("alice").get(f"attachments/{uploaded(data=data).pk}")
    pieces = list(answer)
    assert b"".join(pieces) == data
    assert max(map(len, pieces)) <= 64 * 1024


def test_I23_a_hidden_fields_file_is_hidden_too() -> None:
    """bob, at the node that hides it, gets neither the file nor its name; dave, who is asked afterwards, gets both."""
    field = {"key": "medical", "type": "attachment", "label": "M", "hidden_at": ["first"]}
    open_field = {"key": "plan", "type": "attachment", "label": "P"}
    chain = [approval("first", {"user": "bob"}), approval("second", {"user": "dave"})]
    template(chain, [field, open_field])
    medical, plan = uploaded(name="medical.txt"), uploaded(name="plan.txt")
    ticket = submit(form={"medical": [medical.pk], "plan": [plan.pk]})
    act(ticket, "bob")
    assert who_gets(plan) == {"alice", "bob", "dave", "admin"}
    assert who_gets(medical) == {"alice", "dave", "admin"}
    shown = {who: Api(who).get(f"tickets/{ticket.number}").json()["attachments"] for who in ("alice", "bob", "dave")}
    names = {who: {file["name"] for file in files} for who, files in shown.items()}
    assert names == {"alice": {"medical.txt", "plan.txt"}, "bob": {"plan.txt"}, "dave": {"medical.txt", "plan.txt"}}


def test_a_form_names_files_and_the_ticket_gets_them() -> None:
    template(
        [approval("first", {"user": "bob"})], [{"key": "files", "type": "attachment", "label": "F", "accept": ["txt"]}]
    )
    row, wrong = uploaded(name="a.txt"), uploaded(name="a.exe", data=b"MZ\0\0")
    with pytest.raises(Invalid) as refused:
        submit(form={"files": [row.pk, wrong.pk]})
    assert [(e["path"], e["code"]) for e in refused.value.errors] == [("form.files[1]", "attachment_type")]
    ticket = submit(form={"files": [row.pk]})
    row.refresh_from_db()
    assert row.ticket_id == ticket.pk
    assert ticket.content.facts["attachments"] == {row.pk: row.sha256}
    assert breaks(ticket) == []
    copied = Api("alice").post(f"tickets/{ticket.number}/copy", {}).json()
    assert (copied["form"], copied["attachments"]) == ({}, [])


def test_A06_an_edit_that_takes_the_file_away_takes_it_from_what_is_signed() -> None:
    field = {"key": "files", "type": "attachment", "label": "F", "editable_at": ["first"]}
    template([approval("first", {"user": "bob"}), approval("second", {"user": "dave"})], [field])
    row, other = uploaded(), uploaded("bob", data=b"other")
    ticket = submit(form={"files": [row.pk]})
    before = ticket.content.digest
    act(ticket, "bob", form={"files": [other.pk]})
    changed = fresh(ticket).content
    assert changed.facts["attachments"] == {other.pk: other.sha256}
    assert changed.digest != before
    assert [file["id"] for file in around(ticket, ticket.applicant, NOW)["attachments"]] == [other.pk]
    assert breaks(ticket) == []


def test_A06_the_last_file_taken_away() -> None:
    field = {"key": "files", "type": "attachment", "label": "F", "editable_at": ["first"]}
    template([approval("first", {"user": "bob"}), approval("second", {"user": "dave"})], [field])
    ticket = submit(form={"files": [uploaded().pk]})
    act(ticket, "bob", form={"files": []})
    assert "attachments" not in fresh(ticket).content.facts
    assert around(ticket, ticket.applicant, NOW)["attachments"] == []
