"""The benchmark writes rows by its own SQL: it must match the tables."""

import re
from pathlib import Path

import pytest
from django.db import connection

from tests.bench.seed import STATEMENTS, TIMERS

SCRIPTS = sorted((Path(__file__).parent / "sql").glob("*.sql"))
INSERT = re.compile(r"INSERT INTO (\w+)\s*\(([^)]*)\)")
WRITTEN = [
    (table, {name.strip() for name in columns.split(",")})
    for text in (*STATEMENTS, TIMERS, *(path.read_text(encoding="utf-8") for path in SCRIPTS))
    for table, columns in INSERT.findall(text)
]
COLUMNS = """
SELECT column_name, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s
"""


@pytest.mark.django_db
@pytest.mark.parametrize(("table", "named"), WRITTEN, ids=lambda value: value if isinstance(value, str) else "")
def test_every_row_is_whole(table, named) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [table])
        needed = dict(cursor.fetchall())
    assert named <= needed.keys()
    assert {name for name, is_needed in needed.items() if is_needed} <= named


def test_there_is_something_to_look_at() -> None:
    assert {table for table, _named in WRITTEN} >= {"tickets_ticket", "tickets_nodevisit", "tickets_event"}
