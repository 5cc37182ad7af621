"""Fixtures for all tests: a database that can be emptied, the demo people."""

import uuid
from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck
from playwright.sync_api import Browser, sync_playwright

from devtools.bootstrap import browser as find_chromium
from tests.cloning import Migrated
from tests.emptying import empty_quickly
from tests.house import House

CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip


def pytest_configure() -> None:
    """Make thousands of tests cheap, without visible effect on any of them."""
    settings.PASSWORD_HASHERS = ["tests.hashing.CheapArgon2", *settings.PASSWORD_HASHERS]
    empty_quickly()
    # Generating input slowly on a busy machine is not a fault of the product.
    hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    hypothesis.settings.load_profile("busy")


@pytest.fixture(autouse=True)
def _own_journal(monkeypatch) -> None:
    """A journal per test, made when a job runs: `audit verify` would miss the jobs of tests before it."""
    monkeypatch.setattr(settings, "JOURNAL_DIR", f"{settings.HOME}/journals/{uuid.uuid4().hex}")


@pytest.fixture(scope="session")
def _migrated(request, django_db_modify_db_settings_parallel_suffix, django_db_blocker) -> Iterator[Migrated | None]:
    """The database that the processes of this run share; None if there is one process."""
    found = Migrated(request.config.workerinput["testrunuid"]) if hasattr(request.config, "workerinput") else None
    yield found
    if found is not None:
        with django_db_blocker.unblock():
            found.drop()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(_migrated, django_db_blocker) -> None:
    """Called by pytest-django before it makes the test database."""
    if _migrated is not None:
        with django_db_blocker.unblock():
            _migrated.clone_or_wait()


@pytest.fixture(scope="session")
def django_db_setup(_migrated, django_db_setup, django_db_blocker) -> None:
    """The test database. Its tables are emptied between transactional tests, so the TRUNCATE triggers are removed."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER IF EXISTS event_no_truncate ON tickets_event")
        cursor.execute("DROP TRIGGER IF EXISTS admin_event_no_truncate ON accounts_adminevent")
        cursor.execute("DROP TRIGGER IF EXISTS checkpoint_no_truncate ON tickets_checkpoint")
        cursor.execute("DROP TRIGGER IF EXISTS content_no_truncate ON tickets_contentversion")
        cursor.execute("DROP TRIGGER IF EXISTS audit_run_no_truncate ON automation_auditrun")
        cursor.execute("DROP TRIGGER IF EXISTS audit_host_no_truncate ON automation_audithost")
        cursor.execute("DROP TRIGGER IF EXISTS shell_line_no_truncate ON automation_shellline")
    if _migrated is not None:
        with django_db_blocker.unblock():
            _migrated.offer()


@pytest.fixture(autouse=True)
def _no_shelf_of_another_test() -> None:
    """Forget cached released actions; every test has a new database."""
    from automation.actions.library import library

    library().shelf.forget()


@pytest.fixture
def shipped_actions(db) -> None:
    """Store the shipped actions, as an installation has them. A test that commits leaves the tables empty."""
    from automation.actions.library import shipped
    from automation.actions.store import store_shipped

    store_shipped(shipped().values())


@pytest.fixture
def demo(db) -> None:
    """The demo organisation, hosts and templates."""
    from demo import load

    load()


@pytest.fixture(scope="session")
def house(tmp_path_factory) -> Iterator[House]:
    """One complete Baton for the session, started as a user would."""
    folder = tmp_path_factory.mktemp("house")
    for part in (folder, *folder.parents):
        if part.is_relative_to("/tmp") and part != part.parent:
            part.chmod(part.stat().st_mode | 0o055)  # the database runs as a user of its own
    running = House(folder / "home")
    running.start()
    yield running
    running.stop()
    assert running.left_behind() == []


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session, because a process cannot have two Playwright loops.

    Meanwhile Django would regard this thread as asynchronous, because Playwright's loop runs in it.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            running = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM)
            yield running
            running.close()
