"""The database itself protects append-only tables."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_I07_tables_refuse_truncate_and_change_by_trigger() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        names = {row[0] for row in cursor.fetchall()}
    assert {"event_append_only", "content_append_only", "template_version_frozen"} <= names
