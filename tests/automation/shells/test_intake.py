"""POST /intake/shell: each line is stored once, and only if the host signed it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from automation.models.shell import ShellHost, ShellLine
from tests.automation.shells.signing import Sender, enrolled, keygen, line, post, sign
from tests.statements import counted

pytestmark = pytest.mark.django_db


@pytest.fixture
def host(tmp_path: Path) -> Sender:
    return enrolled(tmp_path, "web-01")


def commands() -> list[str]:
    return list(ShellLine.objects.order_by("seq").values_list("command", flat=True))


def state(host: Sender) -> tuple[int, int]:
    host.row.refresh_from_db()
    return host.row.last_seq, host.row.lost


def test_lines_are_kept_as_they_were_typed(host: Sender) -> None:
    before = timezone.now()
    answer = host.send(line(1, "ls -l"), line(2, "rm -rf 数据"))
    assert answer.status_code == 202
    assert answer.json() == {"accepted": 2, "enrolment": host.row.pk, "last_seq": 2}
    kept = ShellLine.objects.get(seq=2)
    assert (kept.command, kept.user, kept.session, kept.tty) == ("rm -rf 数据", "alice", "s1.261130", "pts/0")
    assert (kept.source, kept.cwd, kept.is_cut) == ("10.0.0.9", "/home/alice", False)
    assert kept.at == datetime(2026, 11, 30, 10, tzinfo=UTC)
    assert kept.received_at >= before
    assert state(host) == (2, 0)
    assert host.row.newest == kept.pk
    assert host.row.last_at == kept.received_at


def test_F19_a_batch_that_comes_again_changes_nothing(host: Sender) -> None:
    batch = [line(seq, f"command {seq}") for seq in (1, 2, 3)]
    assert host.send(*batch).json()["accepted"] == 3
    assert host.send(*batch).json() == {"accepted": 0, "enrolment": host.row.pk, "last_seq": 3}
    assert host.send(line(3, "another"), line(4, "fresh"), line(4, "twice")).json()["accepted"] == 1
    assert commands() == ["command 1", "command 2", "command 3", "fresh"]
    assert state(host) == (4, 0)


def test_F19_what_is_missing_counts_as_lost_until_it_comes(host: Sender) -> None:
    host.send(line(1), line(2))
    host.send(line(8), line(10))
    assert state(host) == (10, 6)
    host.send(line(4), line(3))
    assert state(host) == (10, 4)
    host.send(line(3), line(4), line(5), line(6), line(7), line(9))
    assert state(host) == (10, 0)
    assert list(ShellLine.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 11))


def test_a_host_without_lines_is_heard_of_and_told_where_it_stands(host: Sender) -> None:
    host.send(line(1), line(2))
    answer = host.send(line(1, "from another spool"), enrolment=0)
    assert answer.status_code == 202
    assert answer.json() == {"accepted": 0, "enrolment": host.row.pk, "last_seq": 2}
    ShellHost.objects.update(last_at=None)
    assert host.send().json()["last_seq"] == 2
    host.row.refresh_from_db()
    assert host.row.last_at is not None
    assert commands() == ["id", "id"]


def test_A17_a_recording_of_an_earlier_enrolment_is_worth_nothing(host: Sender) -> None:
    body = host.body(line(1, "old"))
    signature = sign(host.key, body)
    assert post("web-01", body, signature).json()["accepted"] == 1
    ShellHost.objects.update(removed_at=timezone.now())
    assert post("web-01", body, signature).status_code == 401
    again = ShellHost.objects.create(name="web-01", public_key=host.row.public_key, enrolled_at=timezone.now())
    assert post("web-01", body, signature).json() == {"accepted": 0, "enrolment": again.pk, "last_seq": 0}
    assert not again.lines.exists()


def test_A16_all_refusals_look_alike(host: Sender, tmp_path: Path) -> None:
    body = host.body(line(1))
    good = sign(host.key, body)
    gone = enrolled(tmp_path, "gone-01")
    ShellHost.objects.filter(pk=gone.row.pk).update(removed_at=timezone.now())
    refused = [
        post("web-01", body, ""),
        post("web-01", body + b" ", good),
        post("web-01", body, sign(host.key, body, "file")),
        post("web-01", body, sign(keygen(tmp_path / "other"), body)),
        post("web-02", body, good),
        post("WEB-01", body, good),
        post("", body, good),
        post("web-01' OR true --", body, good),
        post("x" * 3000, body, good),
        post("gone-01", body, sign(gone.key, body)),
        Client().post("/intake/shell", body, content_type="application/json", headers={"Accept-Language": "en"}),
    ]
    assert {answer.status_code for answer in refused} == {401}
    assert len({answer.content for answer in refused}) == 1
    assert refused[0].json()["code"] == "not_accepted"
    assert not ShellLine.objects.exists()


def test_A41_one_host_cannot_write_for_another(host: Sender, tmp_path: Path) -> None:
    other = enrolled(tmp_path, "web-02")
    body = host.body(line(1, "forged"))  # names the enrolment of web-01
    assert post("web-01", body, sign(other.key, body)).status_code == 401
    answer = post("web-02", body, sign(other.key, body))
    assert answer.json() == {"accepted": 0, "enrolment": other.row.pk, "last_seq": 0}
    assert not ShellLine.objects.exists()


@pytest.mark.parametrize("method", ["get", "put", "delete", "head", "options", "patch"])
def test_there_is_nothing_else_at_this_door(host: Sender, method: str) -> None:
    assert getattr(Client(), method)("/intake/shell").status_code == 405
    assert Client().post("/intake/other").status_code == 404


def test_a_log_in_does_not_help_and_is_not_asked_for(host: Sender) -> None:
    body = host.body(line(1))
    answer = post("web-01", body, sign(host.key, body), HTTP_COOKIE="sessionid=x", HTTP_AUTHORIZATION="Bearer x")
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "expected {enrolment, lines}"),
        (b'{"enrolment": 1}', "expected {enrolment, lines}"),
        (b'{"enrolment": 1, "lines": [], "host": "web-02"}', "expected {enrolment, lines}"),
        (b'{"enrolment": true, "lines": []}', "enrolment: expected a whole number"),
        (b'{"enrolment": 1e400, "lines": []}', "enrolment: expected a whole number"),
        (b'{"enrolment": 1, "lines": {}}', "lines: expected a list"),
        (b'{"enrolment": 1, "lines": [null]}', "lines[0]: expected an object"),
        (b'{"enrolment": 1, "lines": [{"seq": 1}]}', "lines[0].command: expected a text"),
    ],
)
def test_A19_what_is_no_batch_is_refused_with_its_place(host: Sender, body: bytes, reason: str) -> None:
    answer = post("web-01", body, sign(host.key, body))
    assert answer.status_code == 422
    assert reason in answer.json()["detail"]
    assert not ShellLine.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"seq": 0}, {"seq": 2**53 + 1}, {"seq": "1"}, {"seq": 1.0}, {"command": "é"}, {"command": "YQ"}, {"cwd": 5},
     {"user": None}, {"at": 1}],
)  # fmt: skip
def test_A19_a_batch_is_taken_whole_or_not_at_all(host: Sender, wrong: dict) -> None:
    answer = host.send(line(1), {**line(2), **wrong})
    assert answer.status_code == 422
    assert f"lines[1].{next(iter(wrong))}" in answer.json()["detail"]
    assert not ShellLine.objects.exists()
    assert state(host) == (0, 0)


def test_A47_a_batch_has_an_end(host: Sender) -> None:
    assert host.send(*[line(seq) for seq in range(1, 502)]).status_code == 422
    body = host.body() + b" " * 256 * 1024
    assert post("web-01", body, sign(host.key, body)).status_code == 413
    assert host.send(*[line(seq) for seq in range(1, 501)]).json()["accepted"] == 500


def test_A47_a_host_that_floods_has_to_wait_and_others_have_not(host: Sender, tmp_path: Path, settings) -> None:
    settings.QUOTAS = settings.QUOTAS | {"shells": 2}
    other = enrolled(tmp_path, "web-02")
    assert [host.send(line(seq)).status_code for seq in (1, 2)] == [202, 202]
    answer = host.send(line(3))
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert other.send(line(1)).status_code == 202
    assert state(host) == (2, 0)


def test_A47_an_address_that_guesses_is_cut_off_and_takes_nothing_from_the_host(host: Sender, settings) -> None:
    settings.QUOTAS = settings.QUOTAS | {"shells": 2}
    body = host.body(line(1))
    answers: list[int] = []
    while 429 not in answers and len(answers) < 100:  # its allowance fills up again meanwhile
        answers.append(post("web-01", body, "", REMOTE_ADDR="10.9.9.9").status_code)
    assert set(answers[:40]) == {401}
    assert answers[-1] == 429
    assert host.send(line(1)).status_code == 202


def test_the_statements_of_a_batch_do_not_grow_with_it(host: Sender) -> None:
    with counted() as few:
        host.send(line(1))
    with counted() as many:
        host.send(*[line(seq) for seq in range(2, 200)])
    assert len(few) == len(many) <= 9


PLAIN = "<script>alert(1)</script> {{ 7*7 }} '; DROP TABLE x --"
HOSTILE: dict[str | bytes, str] = {
    b"echo \x1b[2J\x1b]0;owned\x07": "echo \\u001b[2J\\u001b]0;owned\\u0007",
    b"cat \xff\xfe\xc3": "cat \\xff\\xfe\\xc3",
    "rm \u202etxt.exe\u200b": "rm \\u202etxt.exe\\u200b",
    b"a\0b\r\nc\td\re": "ab\nc\td\\u000de",
    b"": "",
    PLAIN: PLAIN,
}


@pytest.mark.parametrize("typed", HOSTILE)
def test_A35_bytes_of_any_kind_are_shown_as_well_as_they_can_be(host: Sender, typed: bytes | str) -> None:
    assert host.send(line(1, typed)).status_code == 202
    assert commands() == [HOSTILE[typed]]


def test_A35_what_is_too_long_is_cut_and_says_so(host: Sender) -> None:
    host.send(line(1, "x" * 4096), line(2, "x" * 4097), line(3, b"\xff" * 50_000))
    assert list(ShellLine.objects.order_by("seq").values_list("is_cut", flat=True)) == [False, True, True]
    assert [len(command) for command in commands()] == [4096] * 3


def test_A35_a_forged_word_around_the_line_is_only_text(host: Sender) -> None:
    odd = {"user": "u" * 100, "session": "a\nb\x1b", "tty": "\ud800", "source": "s" * 70, "cwd": "Cg=="}
    assert host.send(line(1, **odd)).status_code == 202
    kept = ShellLine.objects.get()
    assert (kept.user, kept.source) == ("u" * 63 + "…", "s" * 63 + "…")
    assert (kept.session, kept.tty, kept.cwd) == ("a\\nb\\u001b", "\\ud800", "\\n")


@pytest.mark.parametrize("at", ["", "yesterday", "2026-11-30T10:00:00", "1969-01-01T00:00:00Z", "9999-12-31T00:00:00Z"])
def test_F32_a_clock_that_cannot_be_right_is_not_believed(host: Sender, at: str) -> None:
    host.send(line(1, at=at))
    kept = ShellLine.objects.get()
    assert kept.at == kept.received_at
    late = (timezone.now() - timedelta(days=40)).replace(microsecond=0)
    host.send(line(2, at=late.isoformat()))
    assert ShellLine.objects.get(seq=2).at == late
