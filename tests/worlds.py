"""The demo organisation for many tests: loaded once a module, everything after it rolled back after each test.

Plain pytest-django would load it anew for every test. Tests that need commits or threads mark themselves
`django_db(transaction=True)` and use the fixture `demo` of tests/conftest.py instead.
"""

from collections.abc import Iterator

import pytest
from django.db import transaction


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
