"""`manage.py report monthly`, and the file that is written automatically."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl import load_workbook

from reports.month import Month
from reports.tasks import keep
from reports.whole_file import whole_file
from tests.reports.world import person, sh, ticket

pytestmark = pytest.mark.django_db


def report(*arguments):
    """The command's output."""
    out = io.StringIO()
    call_command("report", "monthly", *map(str, arguments), stdout=out)
    return out.getvalue().strip()


def test_it_writes_the_month_that_was_asked_for(tmp_path):
    ticket(person("alice"), "2026-10-05 09:00", number="CHG-7")
    path = tmp_path / "f.xlsx"
    assert report("--month", "2026-10", "--out", path, "--language", "en") == str(path)
    assert load_workbook(path)["Tickets"]["A2"].value == "CHG-7"
    assert [file.name for file in tmp_path.iterdir()] == ["f.xlsx"]


def test_without_a_month_it_is_last_month(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(timezone, "now", lambda: sh("2027-01-01 00:00"))
    assert report() == "baton-2026-12.xlsx"
    assert (tmp_path / "baton-2026-12.xlsx").is_file()


@pytest.mark.parametrize("month", ["2026-13", "november", ""])
def test_a_bad_month_is_named(tmp_path, month):
    with pytest.raises(CommandError, match=f"--month {month}: .*2026-11"):
        report("--month", month, "--out", tmp_path / "f.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"--out .*No such file or directory"):
        report("--out", tmp_path / "missing" / "f.xlsx")
    with pytest.raises(CommandError, match=r"--out .*not a file"):
        report("--out", tmp_path)


def test_F41_a_failed_report_leaves_the_old_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "f.xlsx"
    path.write_bytes(b"last month's")

    def broken(file, *_arguments, **_named):
        file.write(b"half a")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("reports.management.commands.report.write_monthly", broken)
    with pytest.raises(CommandError, match="No space left on device"):
        report("--out", path)
    assert path.read_bytes() == b"last month's"
    assert [file.name for file in tmp_path.iterdir()] == ["f.xlsx"]


def test_F41_a_whole_file_replaces_what_a_link_points_at(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with whole_file(tmp_path / "link") as file:
        file.write(b"new")
        assert (tmp_path / "real").read_bytes() == b"old"
    assert (tmp_path / "real").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()


def test_last_months_workbook_writes_itself_once(settings, tmp_path, monkeypatch):
    settings.HOME = tmp_path
    monkeypatch.setattr(timezone, "now", lambda: sh("2026-12-01 00:05"))
    keep()
    path = tmp_path / "reports" / "baton-2026-11.xlsx"
    written = path.stat().st_mtime_ns
    keep()
    assert path.stat().st_mtime_ns == written
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert Month(2026, 11).file_name == path.name
