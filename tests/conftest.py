"""Fixtures for all tests: a database that may be emptied, the demo people."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.house import House


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The test database. Its tables are emptied between transactional tests, which production refuses."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER IF EXISTS event_no_truncate ON tickets_event")
        cursor.execute("DROP TRIGGER IF EXISTS admin_event_no_truncate ON accounts_adminevent")
        cursor.execute("DROP TRIGGER IF EXISTS checkpoint_no_truncate ON tickets_checkpoint")
        cursor.execute("DROP TRIGGER IF EXISTS content_no_truncate ON tickets_contentversion")
    return None


@pytest.fixture
def demo(db) -> None:
    """The demo organisation, hosts and templates."""
    from config.demo import load

    load()


@pytest.fixture(scope="session")
def house(tmp_path_factory) -> Iterator[House]:
    """One whole Baton for the session, started as a user would."""
    folder = tmp_path_factory.mktemp("house")
    for part in (folder, *folder.parents):
        if part.is_relative_to("/tmp") and part != part.parent:
            part.chmod(part.stat().st_mode | 0o055)  # the database runs as a user of its own
    running = House(folder / "home")
    running.start()
    yield running
    running.stop()
    assert running.left_behind() == []
