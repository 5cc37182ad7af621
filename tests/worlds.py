"""The demo organisation for many tests: loaded once per module; changes are rolled back after each test.

Plain pytest-django would load it for every test. Tests that need commits or threads use `django_db(transaction=True)`
and the fixture `demo` of tests/conftest.py instead.
"""

from collections.abc import Iterator

import pytest
from django.db import transaction


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests that use `world` the test database."""
    for item in items:
        if "world" in getattr(item, "fixturenames", ()) and item.get_closest_marker("django_db") is None:
            item.add_marker(pytest.mark.django_db)


@pytest.fixture
def _django_db_helper(request) -> None:
    """pytest-django's own transaction would close the connection and lose the module's data."""
    if "world" not in request.fixturenames:
        request.getfixturevalue("_django_db_helper")


@pytest.fixture(scope="module")
def _loaded(django_db_setup, django_db_blocker) -> Iterator[None]:
    from demo import load

    with django_db_blocker.unblock(), transaction.atomic():
        load()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def world(_loaded) -> Iterator[None]:
    """The demo organisation, hosts and templates; changes by a test are rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
