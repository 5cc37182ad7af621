"""Fixtures for the record of shells."""

import pytest

from accounts.models import User
from tests.automation.shells.props import publish


@pytest.fixture
def admin(people) -> User:
    """An administrator, in addition to the test people."""
    return User.objects.create(username="admin", name="Admin", is_admin=True, language="en")


@pytest.fixture
def template(people) -> None:
    """The template for tickets of alarms; bob approves."""
    publish()
