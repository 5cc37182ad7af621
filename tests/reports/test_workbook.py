"""The workbook, reopened as a reader would."""

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import translation
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from accounts.models import User
from common.inert import readable
from reports.commands.monthly import write_monthly
from reports.month import Month
from reports.workbook import table
from reports.workbook.build import MonthlyWorkbook
from reports.workbook.styles import HEADER
from tests.hostile import HOSTILE
from tests.reports.world import department, person, sh, task, ticket, version
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
NOVEMBER, NOW = Month(2026, 11), sh("2026-12-01 08:00")


def workbook(language="en"):
    """The month's workbook as bytes."""
    file = io.BytesIO()
    with translation.override(language):
        write_monthly(file, NOVEMBER, NOW)
    return file


def sheets(file):
    return {sheet.title: sheet for sheet in load_workbook(file, rich_text=False)}


def values(sheet):
    return [list(row) for row in sheet.iter_rows(values_only=True)]


@pytest.fixture
def world():
    alice, bob, carol = person("alice", department=department()), person("bob"), person("carol")
    one = ticket(
        alice, "2026-11-03 09:30", "2026-11-03 12:15", number="CHG-1", department=alice.department, rating=4,
        rating_comment="快", priority="high",
    )  # fmt: skip
    ticket(alice, "2026-11-02 08:00", number="CHG-0", version=version("leave", "请假", number=7))
    task(one, bob, "2026-11-03 09:30", "2026-11-03 11:00")
    task(one, carol, "2026-11-03 09:30", "2026-11-03 10:00")
    task(one, carol, "2026-11-03 11:00", "2026-11-03 12:00", state="confirmed")


def test_the_tickets_sheet_has_one_row_a_ticket_with_real_dates_and_numbers(world):
    rows = values(sheets(workbook())["Tickets"])
    assert rows[0] == [
        "Number", "Title", "Template", "Version", "Applicant", "Department", "Priority", "State",
        "Created at", "Submitted at", "Finished at", "Hours", "Rating", "Rating comment", "Handled by",
    ]  # fmt: skip
    assert [row[0] for row in rows[1:]] == ["CHG-0", "CHG-1"]
    assert rows[1][2:4] == ["请假", 7]
    assert rows[1][10:] == [None, None, None, None, None]
    assert rows[2][1:] == [
        "Restart nginx", "Service restart", 1, "Alice", "平台组", "High", "Completed",
        datetime(2026, 11, 3, 9, 25), datetime(2026, 11, 3, 9, 30), datetime(2026, 11, 3, 12, 15),
        2.75, 4, "快", "Carol, Bob",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Carol, Bob, Carol for Bob"), ("zh-hans", "Carol、Bob、Carol（代 Bob）")]
)
def test_I11_both_names_of_a_decision_by_proxy_are_in_the_sheet(world, language, said):
    bob, carol = (User.objects.get(username=name) for name in ("bob", "carol"))
    one = Ticket.objects.get(number="CHG-1")
    task(one, bob, "2026-11-03 11:00", "2026-11-03 12:10", decided_by=carol, on_behalf_of=bob)
    assert values(load_workbook(workbook(language)).worksheets[3])[2][-1] == said


def test_the_tickets_sheet_is_made_for_reading(world):
    sheet = sheets(workbook())["Tickets"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:O3")
    assert sheet["I2"].number_format == "yyyy-mm-dd hh:mm"
    assert sheet["L3"].number_format == "#,##0.0"
    assert sheet.column_dimensions["B"].width == 48


def test_template_names_are_in_the_readers_language(world):
    assert "服务重启" in {row[0] for row in values(load_workbook(workbook("zh-hans")).worksheets[1])}
    assert "Service restart" in {row[0] for row in values(load_workbook(workbook("en")).worksheets[1])}


def test_the_detail_tables_hold_the_summary_figures(world):
    book = sheets(workbook())
    assert list(book) == ["Summary", "By template", "By handler", "Tickets"]
    assert values(book["By template"])[1:] == [
        ["Service restart", "restart", 1, 1, 2.75],
        ["请假", "leave", 1, 0, None],
    ]
    assert values(book["By handler"])[1:] == [["Carol", "carol", 2, 0, 0.75], ["Bob", "bob", 1, 0, 1.5]]


def test_the_summary_sheet_has_its_figures_and_a_native_chart(world):
    sheet = sheets(workbook())["Summary"]
    assert [cell.value for cell in sheet[5][1:10]] == [
        "Submitted", "Completed", "Still open", "Failed", "Vetoed", "Withdrawn", "Decided on time",
        "Median hours", "Satisfaction (1)",
    ]  # fmt: skip
    assert [cell.value for cell in sheet[6][1:10]] == [2, 1, 1, 0, 0, 0, "–", 2.75, 4]
    assert not sheet.sheet_view.showGridLines
    assert "November 2026" in sheet["B2"].value
    assert "2026-12-01 08:00" in sheet["B3"].value
    assert len(sheet._charts) == 1


def test_the_chart_points_at_the_days_and_carries_their_values(world):
    file = workbook()
    sheet = sheets(file)["Summary"]
    chart = zipfile.ZipFile(file).read("xl/charts/chart1.xml").decode()
    ranges = re.findall(r"<(?:c:)?f>'Summary'!\$(\w)\$(\d+):\$\w\$(\d+)</", chart)
    dates, submitted, completed = (("F", "28", "57"), ("G", "28", "57"), ("H", "28", "57"))
    assert ranges == [dates, submitted, dates, completed]
    assert [sheet["F28"].value, sheet["F57"].value] == [datetime(2026, 11, 1), datetime(2026, 11, 30)]
    assert [sheet[f"G{row}"].value for row in (29, 30)] == [1, 1]
    assert sheet["H30"].value == 1
    assert chart.count("<v>1</v>") == 3


def test_an_empty_month_is_a_whole_workbook():
    book = sheets(workbook())
    assert [sheet.max_row for sheet in list(book.values())[1:]] == [1, 1, 1]
    assert len(book["Summary"]._charts) == 1


def test_A44_the_whole_hostile_corpus_reopens_as_text():
    """Titles, names, comments, departments, templates: no formula, no link, nothing lost that can be seen."""
    for key, text in HOSTILE.items():
        who = person(f"u-{key.replace('_', '-')}", text[:128])
        where = department(f"d-{key.replace('_', '-')}", text[:128])
        what = version(f"t-{key.replace('_', '-')}", text)
        one = ticket(
            who, "2026-11-03 09:30", "2026-11-03 12:15", title=text[:200], rating_comment=text, version=what,
            department=where,
        )  # fmt: skip
        task(one, who, "2026-11-03 09:30", "2026-11-03 11:00")
    file = workbook()
    book = sheets(file)
    for sheet in book.values():
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in {"s", "n", "d"}, cell.coordinate
                assert cell.hyperlink is None
                assert cell.data_type != "s" or cell.number_format == "@"
    rows = values(book["Tickets"])[1:]
    assert {unescape(row[1]) for row in rows} == {readable(text[:200]) for text in HOSTILE.values()}
    assert {unescape(row[13]) for row in rows} == {readable(text) for text in HOSTILE.values()}
    assert {unescape(row[4]) for row in rows} == {readable(text[:128]) for text in HOSTILE.values()}
    assert {unescape(row[0]) for row in values(book["By handler"])[1:]} == {
        readable(text[:128]) for text in HOSTILE.values()
    }
    for name, xml in parts(file, "xl/worksheets/"):
        assert not re.search(r"<f[ >]|hyperlink", xml), name
    assert not [name for name, _xml in parts(file, "xl/externalLinks", "xl/vba")]


def parts(file, *prefixes):
    """Names and texts of the workbook's parts under these folders."""
    archive = zipfile.ZipFile(file)
    return [(name, archive.read(name).decode()) for name in archive.namelist() if name.startswith(prefixes)]


def test_A44_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch):
    monkeypatch.setattr(table.write_table, "__kwdefaults__", {"max_rows": 2})
    alice = person("alice")
    for day in range(1, 6):
        ticket(alice, f"2026-11-0{day} 09:00", number=f"CHG-{day}")
    book = sheets(workbook())
    found = {name: [row[0] for row in values(sheet)] for name, sheet in book.items() if "Tickets" in name}
    assert found == {
        "Tickets": ["Number", "CHG-1", "CHG-2"],
        "Tickets 2": ["Number", "CHG-3", "CHG-4"],
        "Tickets 3": ["Number", "CHG-5"],
    }
    assert book["Tickets 3"].auto_filter.ref == "A1:O2"
    assert table.MAX_ROWS == 1_048_575


def test_F41_a_report_that_fails_leaves_no_temporary_files(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def broken():
        yield ("one", "two", 1, 2, 3)
        raise ConnectionError

    book = MonthlyWorkbook(NOVEMBER, NOW)
    with pytest.raises(ConnectionError), book:
        table.write_table(book._book, "x", [table.Column("a", 9, HEADER)] * 5, broken())
    assert list(Path(tmp_path).iterdir()) == []
