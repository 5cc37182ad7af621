"""Fixtures of notify: people, local WeCom and mail servers, all channels enabled."""

from collections.abc import Iterator

import pytest

from accounts.models import User
from notify.sending import deliver
from tests.notify.servers import FakeWeCom, Mailserver
from tests.notify.world import crank, make_people, publish, submit
from tickets.models import Ticket


@pytest.fixture(autouse=True)
def _awake() -> Iterator[None]:
    deliver.end_pauses()
    yield
    deliver.end_pauses()


@pytest.fixture
def people(request: pytest.FixtureRequest) -> dict[str, User]:
    """The test people. Needs the database; tests that need committed rows use transaction=True."""
    return make_people()


@pytest.fixture
def template(people: dict[str, User]) -> None:
    """One published template: bob or dave decides, alice confirms."""
    publish()


@pytest.fixture
def wecom(settings) -> Iterator[FakeWeCom]:
    """A separate fake WeCom on loopback."""
    with FakeWeCom() as fake:
        settings.WECOM_API_BASE = fake.url
        yield fake


@pytest.fixture
def mail(settings) -> Iterator[Mailserver]:
    """A real SMTP server on loopback, instead of pytest-django's mailbox."""
    with Mailserver() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 1
        yield server


@pytest.fixture
def ticket(wecom: FakeWeCom, template: None, people: dict[str, User]) -> Ticket:
    """A ticket of alice with live cards for bob and dave. Needs committed rows."""
    ticket = submit(people["alice"])
    crank()
    return ticket
