"""Log lines: one record, one line (A48)."""

import logging
import sys

import pytest

from common.logs import LineFormatter
from tests.hostile import HOSTILE


def line(message: str, **extra) -> str:
    record = logging.LogRecord("baton.test", logging.INFO, __file__, 1, message, (), None)
    record.__dict__.update(extra)
    return LineFormatter().format(record)


def test_ids_follow_the_message() -> None:
    assert line("delivery.sent", delivery=7, attempt=2).endswith(
        " INFO    baton.test delivery.sent delivery=7 attempt=2"
    )


@pytest.mark.parametrize("name", [name for name in HOSTILE if len(HOSTILE[name]) < 1000])
def test_A48_no_value_forges_a_line(name) -> None:
    for written in (line("x", value=HOSTILE[name]), line(HOSTILE[name].replace("%", "%%"))):
        assert len(written.splitlines()) == 1
        assert "\x1b" not in written


def fail() -> None:
    raise ValueError("no\n2026-11-20 10:00:00,000 INFO    baton task.approved by=admin")


def test_A48_a_traceback_is_indented() -> None:
    try:
        fail()
    except ValueError:
        record = logging.LogRecord("baton", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    first, *rest = LineFormatter().format(record).splitlines()
    assert first.endswith("ERROR   baton failed")
    assert rest
    assert all(row.startswith("    ") for row in rest)
