"""Fixtures of notify: people, local servers that play WeCom and mail, all channels awake."""

from collections.abc import Iterator

import pytest

from accounts.models import User
from notify import deliver
from tests.notify.servers import FakeWeCom, Mailserver
from tests.notify.world import crank, make_people, publish, submit
from tickets.models import Ticket


@pytest.fixture(autouse=True)
def _awake() -> Iterator[None]:
    deliver.wake_dependencies()
    yield
    deliver.wake_dependencies()


@pytest.fixture
def people(request: pytest.FixtureRequest) -> dict[str, User]:
    """The cast. Needs the database; a test that wants committed rows says transaction=True."""
    return make_people()


@pytest.fixture
def template(people: dict[str, User]) -> None:
    """One published template: bob or dave decides, alice confirms."""
    publish()


@pytest.fixture
def wecom(settings) -> Iterator[FakeWeCom]:
    """A WeCom of one's own, on loopback."""
    with FakeWeCom() as fake:
        settings.WECOM_API_BASE = fake.url
        yield fake


@pytest.fixture
def mail(settings) -> Iterator[Mailserver]:
    """A real SMTP server on loopback; pytest-django's mailbox is put aside."""
    with Mailserver() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 1
        yield server


@pytest.fixture
def ticket(wecom: FakeWeCom, template: None, people: dict[str, User]) -> Ticket:
    """alice's ticket, with live cards at bob and dave. Wants a database with committed rows."""
    ticket = submit(people["alice"])
    crank()
    return ticket
