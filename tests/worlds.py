"""The demo organisation for many tests: loaded once a module, everything after it rolled back after each test.

Plain pytest-django would load it anew for every test. Tests that need commits or threads mark themselves
`django_db(transaction=True)` and use the fixture `demo` of tests/conftest.py instead.
"""

from collections.abc import Iterator

import pytest
from django.db import transaction


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the world need the test database too."""
    for item in items:
        if "world" in getattr(item, "fixturenames", ()) and item.get_closest_marker("django_db") is None:
            item.add_marker(pytest.mark.django_db)


@pytest.fixture
def _django_db_helper(request) -> None:
    """pytest-django's own transaction would close the connection, and with it the module's data."""
    if "world" not in request.fixturenames:
        request.getfixturevalue("_django_db_helper")


@pytest.fixture(scope="module")
def _loaded(django_db_setup, django_db_blocker) -> Iterator[None]:
    from config.demo import load

    with django_db_blocker.unblock(), transaction.atomic():
        load()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def world(_loaded) -> Iterator[None]:
    """The demo organisation, hosts and templates; what a test does to it is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
