"""Lines of shells are written once, and deleted when they are old (I07)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from automation.models.shell import ShellHost, ShellLine
from automation.shells.purge import purge_lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def host() -> ShellHost:
    return ShellHost.objects.create(name="web-01", public_key="ssh-ed25519 AAAA", enrolled_at=timezone.now())


def line(host: ShellHost, seq: int, *, days: int = 0) -> ShellLine:
    at = timezone.now() - timedelta(days=days)
    return ShellLine.objects.create(
        shell_host=host, seq=seq, at=at, received_at=at, user="root", session="1", command=f"command {seq}"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE automation_shellline SET command = 'true'",
        "UPDATE automation_shellline SET at = now(), received_at = now()",
        "DELETE FROM automation_shellline",
        "SELECT set_config('baton.shell_lines_before', '', true); DELETE FROM automation_shellline",
    ],
)
def test_I07_a_line_is_never_changed_nor_erased(host, statement) -> None:
    line(host, 1, days=4000)
    with pytest.raises(DatabaseError, match="are never"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_old_lines_go_and_newer_ones_stay(host, settings) -> None:
    settings.SHELL_DAYS = 30
    for seq, days in enumerate([90, 31, 29, 0], 1):
        line(host, seq, days=days)
    assert purge_lines(timezone.now()) == 2
    assert list(host.lines.order_by("seq").values_list("seq", flat=True)) == [3, 4]
    assert purge_lines(timezone.now()) == 0


def test_the_purge_opens_no_door_to_newer_lines(host, settings) -> None:
    settings.SHELL_DAYS = 30
    line(host, 1, days=90)
    line(host, 2)
    assert purge_lines(timezone.now()) == 1
    with pytest.raises(DatabaseError, match="are never"), transaction.atomic():
        ShellLine.objects.all().delete()


def test_0_days_keep_lines_for_ever(host, settings) -> None:
    settings.SHELL_DAYS = 0
    line(host, 1, days=40_000)
    assert purge_lines(timezone.now()) == 0
    assert ShellLine.objects.count() == 1
