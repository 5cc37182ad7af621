"""The chain over all tickets and its anchors: cut or missing parts are reported (I07, A32, F13, F39)."""

import json

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import User
from tests.factories import NGINX, act, breaks, fresh, pending, submit, user
from tests.statements import counted
from tickets.audit import anchors, checkpoints
from tickets.commands.anchor import anchor_today
from tickets.commands.talk import comment
from tickets.models import Checkpoint, Event, Ticket

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.ANCHOR_DIR = str(tmp_path / "anchors")
    return tmp_path / "anchors"


def sql(statement: str, *arguments) -> None:
    """As the owner of the tables: no trigger fires."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, arguments)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def cut_back(ticket: Ticket, seq: int) -> None:
    """Its later events are gone and its stored end is put back."""
    newer = "WHERE ticket_id = %s AND seq > %s"
    sql(f"DELETE FROM tickets_outbox WHERE event_id IN (SELECT id FROM tickets_event {newer})", ticket.pk, seq)
    sql(f"DELETE FROM tickets_event {newer}", ticket.pk, seq)
    end = Event.objects.get(ticket=ticket, seq=seq)
    sql("UPDATE tickets_ticket SET event_seq = %s, event_hash = %s WHERE id = %s", seq, end.hash, ticket.pk)


def remove(ticket: Ticket) -> None:
    """The ticket with everything that names it."""
    sql("DELETE FROM tickets_outbox WHERE event_id IN (SELECT id FROM tickets_event WHERE ticket_id = %s)", ticket.pk)
    sql(
        "DELETE FROM tickets_timer WHERE visit_id IN (SELECT id FROM tickets_nodevisit WHERE ticket_id = %s)", ticket.pk
    )
    for table in ("event", "approvaltask", "participant", "nodevisit", "contentversion"):
        sql(f"DELETE FROM tickets_{table} WHERE ticket_id = %s", ticket.pk)
    sql("DELETE FROM tickets_ticket WHERE id = %s", ticket.pk)


def say(ticket: Ticket, text: str = "x") -> None:
    comment(number=ticket.number, actor=user("alice"), at=timezone.now(), text=text)


def found() -> list[tuple[str, str]]:
    return [(broken.number, broken.what) for broken in checkpoints.breaks()]


@pytest.fixture
def ticket() -> Ticket:
    return submit("nginx-config-sync", NGINX)


def test_A32_a_ticket_that_was_cut_back_is_named(ticket) -> None:
    other = submit("nginx-config-sync", NGINX)
    before = fresh(ticket).event_seq
    say(ticket)
    checkpoints.add()
    cut_back(ticket, before)
    assert breaks(ticket) == []  # by itself it is whole
    assert found() == [(ticket.number, "cut_trail")]
    say(other)
    checkpoints.add()
    assert found() == [(ticket.number, "cut_trail")]


def test_A32_nor_does_another_end_of_the_same_length_pass(ticket) -> None:
    before = fresh(ticket).event_seq
    say(ticket, "what was said")
    checkpoints.add()
    cut_back(ticket, before)
    say(ticket, "what was said instead")
    assert breaks(ticket) == []
    assert found() == [(ticket.number, "cut_trail")]
    say(ticket)
    checkpoints.add()
    assert found() == [(ticket.number, "cut_trail")]


def test_A32_a_ticket_that_is_gone_whole_is_named(ticket, capsys) -> None:
    checkpoints.add()
    remove(ticket)
    assert found() == [(ticket.number, "lost_ticket")]
    with pytest.raises(SystemExit):
        call_command("audit", "verify")
    assert f"BROKEN {ticket.number}: lost_ticket" in capsys.readouterr().out


def test_A32_the_trail_of_administration_is_in_the_chain(ticket) -> None:
    from accounts.models import AdminEvent
    from accounts.trail.acts import SYSTEM, record

    for _act in range(2):
        record("proxy.granted", actor=None, origin=SYSTEM, at=timezone.now(), about="proxy:0", data={})
    checkpoints.add()
    assert found() == []
    sql("DELETE FROM accounts_adminoutbox")
    sql("DELETE FROM accounts_adminevent WHERE seq = %s", AdminEvent.objects.latest("seq").seq)
    assert found() == [("administration", "cut_trail")]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM tickets_checkpoint WHERE number = 1",
        "UPDATE tickets_checkpoint SET heads = '[]' WHERE number = 1",
        "UPDATE tickets_checkpoint SET at = at + interval '1 second' WHERE number = 1",
        "UPDATE tickets_checkpoint SET ends = '{}' WHERE number = 2",
        "UPDATE tickets_checkpoint SET hash = repeat('0', 64) WHERE number = 2",
    ],
)
def test_A32_the_chain_itself_cannot_be_changed(ticket, change) -> None:
    checkpoints.add()
    say(ticket)
    checkpoints.add()
    sql(change)
    assert found() == [("checkpoints", "broken_checkpoints")]


def test_I07_checkpoints_are_append_only(ticket) -> None:
    checkpoints.add()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Checkpoint.objects.update(number=2)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Checkpoint.objects.all().delete()


def test_nothing_new_makes_no_link_and_what_was_said_is_not_repeated(ticket) -> None:
    first = checkpoints.add()
    assert checkpoints.add() == first
    say(ticket)
    second = checkpoints.add()
    assert [head[0] for head in second.heads] == [ticket.number]
    assert second.number == first.number + 1


def test_F11_an_event_that_was_committed_late_is_not_missed(ticket) -> None:
    """Its id is below one that has been seen: its transaction was open when the last link was made."""
    late = submit("nginx-config-sync", NGINX)
    highest = Event.objects.latest("id").pk
    sql("UPDATE tickets_event SET id = id + 1000 WHERE ticket_id = %s", ticket.pk)
    sql("DELETE FROM tickets_outbox")
    held_back = list(Event.objects.filter(ticket=late))
    sql("DELETE FROM tickets_event WHERE ticket_id = %s", late.pk)
    assert late.number not in [head[0] for head in checkpoints.add().heads]
    Event.objects.bulk_create(held_back)
    assert [head[0] for head in checkpoints.add().heads] == [late.number]
    assert Event.objects.filter(ticket=late).latest("id").pk <= highest


def test_a_backlog_is_taken_in_pages(ticket, monkeypatch) -> None:
    for _another in range(3):
        submit("nginx-config-sync", NGINX)
    monkeypatch.setattr(checkpoints, "PAGE", 5)
    checkpoints.add()
    assert Checkpoint.objects.count() > 2
    heads = {number: seq for link in Checkpoint.objects.order_by("number") for number, seq, _hash in link.heads}
    assert heads == dict(Ticket.objects.values_list("number", "event_seq"))
    assert found() == []


def test_a_link_is_a_fixed_number_of_statements(ticket) -> None:
    checkpoints.add()
    say(ticket)
    with counted() as few:
        checkpoints.add()
    for _another in range(10):
        submit("nginx-config-sync", NGINX)
    with counted() as many:
        checkpoints.add()
    assert len(many) == len(few)


# --- anchors ----------------------------------------------------------------------------------------


def test_A32_whoever_cuts_the_chain_as_well_is_found_by_the_anchor(ticket, folder, capsys) -> None:
    checkpoints.add()
    before = fresh(ticket).event_seq
    say(ticket)
    call_command("audit", "anchor")
    cut_back(ticket, before)
    sql("DELETE FROM tickets_checkpoint WHERE number = 2")
    assert found() == []  # the database alone cannot know
    capsys.readouterr()
    with pytest.raises(SystemExit):
        call_command("audit", "verify")
    assert "cut_checkpoints: checkpoint 2 of anchor-" in capsys.readouterr().out


@pytest.mark.parametrize("since", ["file", "day"])
def test_audit_verify_since_an_anchor(ticket, folder, tmp_path, capsys, since) -> None:
    out = tmp_path / "mine.json"
    call_command("audit", "anchor", *(["--out", str(out)] if since == "file" else []))
    told = str(out) if since == "file" else timezone.localdate().isoformat()
    call_command("audit", "verify", since=told)
    assert "OK" in capsys.readouterr().out
    sql("DELETE FROM tickets_checkpoint")
    remove(ticket)
    with pytest.raises(SystemExit):
        call_command("audit", "verify", since=told)
    assert "cut_checkpoints" in capsys.readouterr().out


def test_A32_a_lost_ticket_is_named_by_verify_since(ticket, tmp_path, capsys) -> None:
    out = tmp_path / "mine.json"
    call_command("audit", "anchor", out=out)
    remove(ticket)
    with pytest.raises(SystemExit):
        call_command("audit", "verify", since=str(out))
    assert f"BROKEN {ticket.number}: lost_ticket" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    [
        lambda anchor: anchor | {"checkpoint": anchor["checkpoint"] + 1},
        lambda anchor: anchor | {"hash": "0" * 64},
        lambda anchor: anchor | {"mac": "0" * 64},
        lambda anchor: {key: anchor[key] for key in anchor if key != "mac"},
        lambda anchor: [anchor],
        lambda anchor: "anchor",
    ],
)
def test_A32_an_anchor_that_was_changed_is_no_anchor(ticket, tmp_path, change) -> None:
    out = tmp_path / "mine.json"
    call_command("audit", "anchor", out=out)
    out.write_text(json.dumps(change(json.loads(out.read_text()))))
    with pytest.raises(CommandError, match="mine"):
        call_command("audit", "verify", since=str(out))


@pytest.mark.parametrize(
    ("since", "problem"),
    [("2020-01-01", "holds no anchor"), ("2026-02-31", "no such day"), ("/nowhere/anchor.json", "No such file")],
)
def test_what_is_no_anchor_is_said(ticket, since, problem) -> None:
    with pytest.raises(CommandError, match=problem):
        call_command("audit", "verify", since=since)


def test_an_anchor_every_day_by_itself_once(ticket, folder, settings) -> None:
    now = timezone.now()
    first = anchor_today(now)
    assert first.stat().st_mode & 0o777 == 0o600
    assert anchor_today(now) is None
    assert [path for _day, path in anchors.kept()] == [first]
    assert mail.outbox == []
    assert list(anchors.breaks()) == []


def test_the_mail_goes_to_administrators(ticket, settings) -> None:
    settings.ANCHOR_MAIL = True
    User.objects.filter(username="admin").update(email="admin@example.com", language="en", is_admin=True)
    User.objects.exclude(username="admin").update(is_admin=False)
    anchor_today(timezone.now())
    assert [(message.to, message.subject.startswith("Baton: the end of")) for message in mail.outbox] == [
        (["admin@example.com"], True)
    ]
    name, text, _kind = mail.outbox[0].attachments[0]
    assert json.loads(text)["checkpoint"] == Checkpoint.objects.latest("number").number
    assert name.endswith(".json")


def test_an_anchor_to_the_terminal(ticket, capsys) -> None:
    call_command("audit", "anchor", "--out", "-")
    assert json.loads(capsys.readouterr().out)["baton"] == "anchor"


def test_nothing_to_anchor() -> None:
    assert not Event.objects.exists()
    sql("DELETE FROM accounts_adminoutbox")
    sql("DELETE FROM accounts_adminevent")
    with pytest.raises(CommandError, match="no trail"):
        call_command("audit", "anchor")
    assert anchor_today(timezone.now()) is None


def test_F39_an_old_anchor_verifies_under_a_new_key(ticket, tmp_path, settings, capsys) -> None:
    out = tmp_path / "mine.json"
    call_command("audit", "anchor", out=out)
    settings.AUDIT_KEYS = {"2027": "new-key-of-more-than-32-characters-" + "n" * 8}
    act(ticket, "bob")
    assert pending(ticket)
    checkpoints.add()
    call_command("audit", "verify", since=str(out))
    assert "OK" in capsys.readouterr().out
