"""Typed lines can be found by those who may read them, and are exported as an inert file (I23, A38, A44, A47)."""

import csv
import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from automation.audit.tables import to_csv, to_xlsx
from automation.models.shell import ShellHost
from automation.shells import queries
from automation.shells.files import table
from tests.api.calls import Api, codes
from tests.automation.shells.props import crank, enrolled, rule, typed
from tests.hostile import HOSTILE
from tests.statements import counted

pytestmark = pytest.mark.django_db


def found(**query) -> list[str]:
    answer = Api("erin").get("shell/lines", **query)
    assert answer.status_code == 200, answer.content
    return [line["command"] for line in answer.json()["results"]]


@pytest.fixture
def lines(people) -> None:
    now = timezone.now()
    web, db = enrolled("web-01"), enrolled("db-01")
    typed(web, "ls -l", session="a", user="root", at=now - timedelta(days=3))
    typed(web, "cat /etc/Passwd", session="b", user="alice", at=now - timedelta(days=1))
    typed(db, "psql orders", session="c", user="root", at=now, cwd="/srv", source="", tty="tty1")


def test_a_line_says_where_when_who_and_what(lines) -> None:
    newest = Api("erin").get("shell/lines", limit=1).json()["results"][0]
    assert {key: newest[key] for key in ("host", "user", "session", "tty", "source", "cwd", "command")} == {
        "host": "db-01", "user": "root", "session": "c", "tty": "tty1", "source": "", "cwd": "/srv",
        "command": "psql orders",
    }  # fmt: skip
    assert (newest["is_cut"], newest["alarm"]) == (False, None)


def test_each_filter_finds_what_it_names(lines) -> None:
    day = (timezone.localtime() - timedelta(days=1)).date().isoformat()
    assert found() == ["psql orders", "cat /etc/Passwd", "ls -l"]
    assert found(host="web-01") == ["cat /etc/Passwd", "ls -l"]
    assert found(host="web") == []
    assert found(user="root") == ["psql orders", "ls -l"]
    assert found(session="b") == ["cat /etc/Passwd"]
    assert found(q="passwd") == ["cat /etc/Passwd"]
    assert found(q="%") == found(q="_") == [], "what is typed into a search is text, not a pattern"
    assert found(**{"from": day}) == ["psql orders", "cat /etc/Passwd"]
    assert found(to=day) == ["cat /etc/Passwd", "ls -l"]
    assert found(**{"from": day, "to": day}) == ["cat /etc/Passwd"]
    assert found(host="web-01", user="root", q="LS") == ["ls -l"]


def test_a_host_that_was_installed_twice_is_one_host(people) -> None:
    typed(enrolled("web-01"), "first")
    first = queries.hosts()[0]
    assert first["removed_at"] is None
    ShellHost.objects.update(removed_at=timezone.now())
    typed(enrolled("web-01"), "second")
    assert found(host="web-01") == ["second", "first"]
    rows = Api("erin").get("shell/hosts").json()["results"]
    assert [(row["name"], row["removed_at"] is None) for row in rows] == [("web-01", True), ("web-01", False)]


def test_pages_follow_each_other_without_a_gap_also_within_one_second(people) -> None:
    typed(enrolled(), *(f"echo {number}" for number in range(7)))
    seen, cursor = [], None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        answer = Api("erin").get("shell/lines", **query).json()
        seen += [line["command"] for line in answer["results"]]
        if not (cursor := answer["next"]):
            break
    assert seen == [f"echo {number}" for number in reversed(range(7))]


def test_a_page_takes_the_same_statements_however_long(people) -> None:
    typed(enrolled(), *(f"echo {number}" for number in range(40)))
    api = Api("erin")
    api.get("shell/lines")
    with counted() as few:
        api.get("shell/lines", limit=2)
    with counted() as many:
        api.get("shell/lines", limit=40)
    assert len(many) == len(few)


@pytest.mark.parametrize("path", ["shell/lines", "shell/lines/export", "shell/hosts", "shell/words", "shell/alarms"])
def test_I23_only_operators_and_administrators_read(lines, admin, path) -> None:
    assert Api().get(path).status_code == 401
    assert [Api(who).get(path).status_code for who in ("alice", "bob", "heidi")] == [403] * 3
    assert [Api(who).get(path).status_code for who in ("erin", "admin")] == [200] * 2


def test_A38_a_filter_that_is_none_is_refused(lines) -> None:
    answer = Api("erin").get("shell/lines", command__regex="x")
    assert (answer.status_code, codes(answer)) == (422, {("command__regex", "unknown_parameter")})
    assert codes(Api("erin").get("shell/lines", **{"from": "yesterday"})) == {("from", "bad_datetime")}
    assert Api("erin").get("shell/lines", cursor="WzEsMl0").status_code == 422


def test_A47_a_search_that_takes_too_long_is_refused_and_says_what_to_do(lines, monkeypatch) -> None:
    monkeypatch.setattr(queries, "SEARCH_MS", 20)
    slow = queries.matching().extra(where=["pg_sleep(0.2) IS NOT NULL"])
    monkeypatch.setattr(queries, "matching", lambda **_filters: slow)
    answer = Api("erin").get("shell/lines", q="x")
    assert (answer.status_code, answer.json()["code"]) == (422, "search_too_wide")
    assert "Name a host" in answer.json()["detail"]
    monkeypatch.undo()
    assert len(found()) == 3, "and nothing else is bounded by it"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_was_found_goes_out_as_a_file(lines, admin, kind) -> None:
    rule(admin, "passwd")
    crank()
    answer = Api("erin").get("shell/lines/export", host="web-01", format=kind)
    assert answer.status_code == 200
    assert f".{kind}" in answer["Content-Disposition"]
    data = answer.getvalue()
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    else:
        page: Any = openpyxl.load_workbook(io.BytesIO(data)).active
        rows = [list(row) for row in page.values]
    assert [(row[2], row[3], row[4], row[9] or "") for row in rows] == [
        ("Host", "Log-in user", "Command", "Alarm"),
        ("web-01", "alice", "cat /etc/Passwd", "passwd"),
        ("web-01", "root", "ls -l", ""),
    ]


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_A44_no_command_is_calculated_by_who_opens_the_file(people, name) -> None:
    typed(enrolled(), HOSTILE[name][:4096], cwd=HOSTILE[name][:512], source=HOSTILE[name][:64])
    rows = queries.shown(queries.matching())
    (_head, cells) = csv.reader(io.TextIOWrapper(to_csv(table(rows)), encoding="utf-8-sig", newline=""))
    assert not any(cell.lstrip()[:1] in set("=+-@\t\r＝＋－＠") for cell in cells if cell)
    sheet = openpyxl.load_workbook(to_xlsx(table(rows))).active
    for cell in sheet[2]:
        assert cell.value is None or (cell.data_type, cell.number_format, cell.hyperlink) == ("s", "@", None)


def test_F41_more_than_a_file_takes_is_refused_whole(lines, monkeypatch) -> None:
    monkeypatch.setattr("automation.shells.api.MOST_LINES", 2)
    answer = Api("erin").get("shell/lines/export")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_lines")
