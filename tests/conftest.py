"""Fixtures for all tests: a database that may be emptied, the demo people."""

from collections.abc import Iterator

import pytest
from django.db import connection


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The test database. Its tables are emptied between transactional tests, which production refuses."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER IF EXISTS event_no_truncate ON tickets_event")
        cursor.execute("DROP TRIGGER IF EXISTS content_no_truncate ON tickets_contentversion")
    return None


@pytest.fixture
def demo(db) -> None:
    """The demo organisation, hosts and templates."""
    from config.demo import load

    load()
