"""The workbook in other readers: exceljs and calamine, besides openpyxl (test_workbook.py)."""

import json
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from devtools.bootstrap import node_environment
from tests.reports.test_workbook import workbook
from tests.reports.world import department, person, task, ticket

pytestmark = pytest.mark.django_db
EXCELJS = Path(__file__).parent / "exceljs"


@pytest.fixture(scope="module")
def node() -> dict[str, str]:
    """An environment with node, and exceljs as its lock file says."""
    environment = node_environment()
    if not (EXCELJS / "node_modules" / "exceljs").is_dir():
        command = ["npm", "ci", "--silent", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=EXCELJS, env=environment, check=True, timeout=240)
    return environment


@pytest.fixture
def file(tmp_path) -> Path:
    """A month with one ticket that ended a moment before midnight."""
    alice, bob = person("alice", department=department()), person("bob")
    one = ticket(alice, "2026-11-03 09:30:00.123456", "2026-11-30 23:59:59.700000", number="CHG-1", title="=1+1")
    task(one, bob, "2026-11-03 09:30", "2026-11-03 11:00")
    path = tmp_path / "month.xlsx"
    path.write_bytes(workbook().getvalue())
    return path


def test_exceljs_opens_it_and_every_moment_stays_in_its_day(node, file) -> None:
    command = ["node", "read.cjs", str(file)]
    done = subprocess.run(command, cwd=EXCELJS, env=node, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    sheets = json.loads(done.stdout)
    assert list(sheets) == ["Summary", "By template", "By handler", "Tickets"]
    headings, row = sheets["Tickets"]
    found = dict(zip(headings, row, strict=False))
    assert (found["Number"], found["Title"]) == ("CHG-1", "=1+1")
    assert (found["Submitted at"], found["Finished at"]) == ("2026-11-03T09:30:00.000Z", "2026-11-30T23:59:59.000Z")


def test_calamine_opens_it_and_every_moment_stays_in_its_day(file) -> None:
    book = CalamineWorkbook.from_path(file)
    assert book.sheet_names == ["Summary", "By template", "By handler", "Tickets"]
    headings, row = book.get_sheet_by_name("Tickets").to_python()
    found = dict(zip(headings, row, strict=True))
    assert (found["Number"], found["Title"]) == ("CHG-1", "=1+1")
    assert (found["Submitted at"], found["Finished at"]) == (
        datetime(2026, 11, 3, 9, 30), datetime(2026, 11, 30, 23, 59, 59),
    )  # fmt: skip
