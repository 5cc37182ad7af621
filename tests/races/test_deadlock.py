"""F12: the loser of a deadlock retries, and nobody notices."""

import threading

import pytest
from django.db import OperationalError, connection, transaction

from accounts.models import User
from common.retrying import ATTEMPTS, retried

pytestmark = pytest.mark.django_db(transaction=True)


def test_F12_a_real_deadlock_is_tried_again() -> None:
    names = [User.objects.create(username=name, name=name).pk for name in ("first", "second")]
    met = threading.Barrier(2, timeout=20)
    attempts: list[str] = []
    failed: list[BaseException] = []

    def lock_both(who: str, order: list[int]) -> None:
        with transaction.atomic():
            attempts.append(who)
            User.objects.select_for_update().get(pk=order[0])
            if attempts.count(who) == 1:
                met.wait()  # each holds what the other one wants
            User.objects.select_for_update().get(pk=order[1])
            User.objects.filter(pk=order[1]).update(name=who)

    def run(who: str, order: list[int]) -> None:
        try:
            retried(lambda: lock_both(who, order))
        except BaseException as error:  # noqa: BLE001 (a thread's error must reach the test)
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=args) for args in (("a", names), ("b", names[::-1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert sorted(attempts) in (["a", "a", "b"], ["a", "b", "b"])
    assert dict(User.objects.values_list("pk", "name")) == {names[0]: "b", names[1]: "a"}


class Deadlock(Exception):
    sqlstate = "40P01"


class NoConnection(Exception):
    sqlstate = "08006"


def lose(cause: type[Exception], calls: list[int]) -> None:
    calls.append(1)
    raise OperationalError from cause()


@pytest.mark.parametrize(("cause", "tries"), [(Deadlock, ATTEMPTS), (NoConnection, 1)])
def test_F12_a_few_times_and_only_then(cause, tries) -> None:
    calls: list[int] = []
    with pytest.raises(OperationalError):
        retried(lambda: lose(cause, calls))
    assert len(calls) == tries


def test_F12_not_inside_another_transaction() -> None:
    calls: list[int] = []
    with pytest.raises(OperationalError), transaction.atomic():
        retried(lambda: lose(Deadlock, calls))
    assert len(calls) == 1
