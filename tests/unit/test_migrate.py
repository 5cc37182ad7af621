"""`manage.py migrate` beside people at work: it keeps nobody waiting and comes to its end (F15)."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate as djangos
from django.db import OperationalError, connection, transaction

from config.management.commands import migrate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quickly(monkeypatch) -> None:
    monkeypatch.setattr(migrate, "WAIT_S", 0.1)
    monkeypatch.setattr(migrate, "PAUSE_S", 0)


@contextmanager
def somebody_reads(until: threading.Event) -> Iterator[None]:
    """A transaction that has read config_pulse and is not at its end."""
    reads = threading.Event()

    def read() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM config_pulse")
            reads.set()
            assert until.wait(20)
        connection.close()

    with ThreadPoolExecutor(1) as other:
        reading = other.submit(read)
        assert reads.wait(20)
        yield
        until.set()
        reading.result()


def migrating(monkeypatch, *steps: str, before: Callable[[int], None] = lambda tries: None) -> list[int]:
    """Let Django's own command do these statements. The list counts its tries."""
    tries: list[int] = []

    def handle(*args, **options) -> None:
        tries.append(len(tries))
        before(len(tries))
        with connection.cursor() as cursor:
            for step in steps:
                cursor.execute(step)

    monkeypatch.setattr(djangos.Command, "handle", handle)
    return tries


def test_F15_it_lets_others_go_on_and_tries_again(monkeypatch) -> None:
    ends = threading.Event()
    alter = "ALTER TABLE config_pulse ADD COLUMN later integer"
    tries = migrating(monkeypatch, alter, before=lambda tries: ends.set() if tries == 3 else None)
    with somebody_reads(ends):
        call_command("migrate")
    assert len(tries) >= 3
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE config_pulse DROP COLUMN later")
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("15s",)


def test_it_gives_up_in_the_end(monkeypatch) -> None:
    monkeypatch.setattr(migrate, "TRIES", 2)
    tries = migrating(monkeypatch, "ALTER TABLE config_pulse ADD COLUMN later integer")
    with somebody_reads(threading.Event()), pytest.raises(OperationalError):
        call_command("migrate")
    assert len(tries) == 2


def test_it_gives_up_at_once_where_waiting_does_not_help(monkeypatch) -> None:
    def broken(tries: int) -> None:
        raise OperationalError("no space left on device")

    tries = migrating(monkeypatch, before=broken)
    with pytest.raises(OperationalError):
        call_command("migrate")
    assert len(tries) == 1
