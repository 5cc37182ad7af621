"""Empty the database after a test that commits: delete rows, only in tables that have any.

Django truncates every table, which creates new files for tables and indexes; deleting a few rows is thirty times
faster. Every TRUNCATE_EVERY times the tables are truncated nevertheless, so that they stay small.
"""

from typing import Any

from django.db import connection
from django.test.testcases import TransactionTestCase

KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission"})
TRUNCATE_EVERY = 100
_emptied = 0


def empty_quickly() -> None:
    """Make every TransactionTestCase, and so every test with `transaction=True`, empty the database this way."""
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]


def _empty(_case: Any) -> None:
    global _emptied  # noqa: PLW0603 (counts over all tests of the process)
    _emptied += 1
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True)) - KEPT)
    quoted = [connection.ops.quote_name(table) for table in tables]
    with connection.cursor() as cursor:
        if _emptied % TRUNCATE_EVERY == 0:
            cursor.execute(f"TRUNCATE {', '.join(quoted)} CASCADE")
            return
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in quoted))
        full = [row[0] for row in cursor.fetchall()]
        if full:  # as replica: refusing triggers and foreign keys are not checked
            deletes = "; ".join(f"DELETE FROM {name}" for name in full)
            cursor.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {deletes}; COMMIT")
