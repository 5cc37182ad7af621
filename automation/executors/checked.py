"""A run followed by a health check of the hosts on which it is done, as a run of its own, for any executor.

The check does not change a host: the run's result says what has changed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from automation.actions.files import SHORT
from automation.executors.base import HostResult, News, Order, Refused
from automation.executors.host_words import CHECKING, NO_RESULT, unhealthy
from automation.executors.series import Series, Start
from automation.executors.verdict import Ending, verdict_of
from automation.models.job import DONE, OPEN, UNDER_WAY, HostStatus
from tickets.models.content import Target

Ask = Callable[[Order], Mapping[str, HostResult] | None]
UNHEALTHY = 2


def check_of(order: Order, targets: Sequence[Target]) -> Order:
    """The order of the health check for these hosts."""
    assert order.health_check is not None  # noqa: S101 (whoever has none needs none of this)
    key = f"{order.key}-h" if order.key else ""
    return replace(order.health_check, targets=targets, key=key)


class CheckedExecution(Series):
    """A host is done when its health check succeeds; until then it is running. If the check fails, so does the host.

    A stopped run is not checked. Raises Refused if the run itself cannot begin.
    """

    def __init__(self, start: Start, order: Order) -> None:
        super().__init__(start)
        self._order, self._code = order, 0
        self._done: dict[str, HostResult] = {}
        self._found: dict[str, HostResult] = {}
        self._is_checking = False
        self._enter(order)

    def _seen(self, news: News) -> News:
        if self._is_checking:
            self._found |= {name: result for name, result in news.hosts.items() if name in self._done}
            return News(news.text, {})
        self._done |= {name: result for name, result in news.hosts.items() if result.status in DONE}
        return replace(news, hosts={name: _so_far(result) for name, result in news.hosts.items()})

    def _go_on(self) -> dict[str, HostResult]:
        if self._is_checking:
            return self._end(self._came_to())
        self._code, self.has_verdict = self._current.exit_code or 0, self._current.has_verdict
        targets = [target for target in self._order.targets if target["name"] in self._done]
        if self._is_stopping or not targets:
            self.exit_code = self._code
            return {}
        check = check_of(self._order, targets)
        names = ", ".join(target["name"] for target in targets)
        self._banner = f"\nHealth check {check.action.key} {check.version[:SHORT]}: {names}\n".encode()
        try:
            self._enter(check)
        except Refused as refused:
            return self._end({name: HostResult(HostStatus.FAILED, message=str(refused)) for name in self._done})
        self._is_checking = True
        return {}

    def _came_to(self) -> Mapping[str, HostResult]:
        """The check's result for each host; if it was stopped, only the results it had given by then."""
        if self._is_stopping:
            return {name: result for name, result in self._found.items() if result.status not in UNDER_WAY}
        ending = Ending(self._current.exit_code or 0, self._current.has_verdict)
        return verdict_of(self._done, self._found, ending).hosts

    def _end(self, found: Mapping[str, HostResult]) -> dict[str, HostResult]:
        hosts = {name: self._with_check(name, result) for name, result in found.items()}
        wrong = {name: result for name, result in hosts.items() if result.status not in DONE}
        told = "".join(f"{name}: {result.message}\n" for name, result in wrong.items())
        self._banner += told.encode(errors="replace")
        is_well = not wrong and len(hosts) == len(self._done)
        self.exit_code = self._code if is_well else self._code or UNHEALTHY
        return hosts

    def _with_check(self, name: str, found: HostResult) -> HostResult:
        if self._is_stopping and found.status == HostStatus.UNKNOWN:  # the check may still be running there
            return replace(found, changed=self._done[name].changed)
        return checked(self._done[name], found)


def _so_far(result: HostResult) -> HostResult:
    return HostResult(HostStatus.RUNNING, result.changed, CHECKING) if result.status in DONE else result


def checked(done: HostResult, found: HostResult) -> HostResult:
    """The result of a host that was done and was then checked with this result."""
    if found.status in DONE:
        return done
    why = found.message or (NO_RESULT if found.status == HostStatus.UNKNOWN else found.status)
    return HostResult(HostStatus.FAILED, done.changed, unhealthy(why))


def looked_up(order: Order, known: Mapping[str, HostResult], ask: Ask) -> dict[str, HostResult]:
    """The result of a run that was not followed to its end, given what is known about the run itself.

    ask: looks up the health check. A host that was done and whose check has no result is unknown.
    """
    done = {name: result for name, result in known.items() if result.status in DONE}
    targets = [target for target in order.targets if target["name"] in done]
    found = (ask(check_of(order, targets)) or {}) if targets else {}
    whole = dict(known)
    for name, result in done.items():
        is_known = name in found and found[name].status not in OPEN
        unknown = HostResult(HostStatus.UNKNOWN, result.changed, CHECKING)
        whole[name] = checked(result, found[name]) if is_known else unknown
    return whole
