"""Several actions in sequence on the same hosts: a stage finishes on all hosts before the next one begins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from automation.executors.base import HostResult, News, Order, Refused
from automation.executors.host_words import STAGES_LEFT
from automation.executors.series import NEVER_STARTED, Series, Start
from automation.executors.verdict import Ending
from automation.models.job import DONE, HostStatus

Outputs = Mapping[str, Mapping[str, Any]]  # host → name → value
HandOn = Callable[[int, Sequence[Outputs]], tuple[Order, str]]


class StagedExecution(Series):
    """Runs stage by stage. The next stage begins only if the current one succeeds on every host.

    A host is done when the last stage is; before that, it is running. hand_on(index, outputs) gives the order of a
    later stage and a note for the log, or raises Refused if the outputs of earlier stages are not usable. Raises
    Refused if the first stage cannot begin. begun: how many stages have begun. outputs: of each stage, unchecked.
    """

    def __init__(self, start: Start, orders: Sequence[Order], hand_on: HandOn) -> None:
        super().__init__(start)
        self.begun = 0
        self._orders, self._hand_on = orders, hand_on
        self._results: dict[str, HostResult] = {}
        self._changed: set[str] = set()
        self.outputs: list[dict[str, Mapping[str, Any]]] = []
        self._begin(orders[0], "")

    def _begin(self, order: Order, note: str) -> None:
        self._enter(order)
        self._results = {}
        self.outputs.append({})
        head = f"Stage {self.begun + 1} of {len(self._orders)}: {order.action.key} {order.version[:12]}{note}"
        self._banner = f"\n{head}\n".encode()
        self.begun += 1

    def _seen(self, news: News) -> News:
        names = {target["name"] for target in self._running.targets}
        self._results |= {name: result for name, result in news.hosts.items() if name in names}
        for host, values in news.outputs.items():
            if host in names:
                self.outputs[-1][host] = values
        self._changed |= {name for name, result in news.hosts.items() if result.changed}
        return replace(news, hosts={name: self._of_all(name, result) for name, result in news.hosts.items()})

    def _of_all(self, name: str, result: HostResult) -> HostResult:
        """What a result in this stage means for the whole run."""
        changed = name in self._changed
        if result.status not in DONE:
            return replace(result, changed=changed)
        if self.begun < len(self._orders):
            return HostResult(HostStatus.RUNNING, changed=changed)
        return replace(result, status=HostStatus.CHANGED if changed else result.status, changed=changed)

    def _go_on(self) -> dict[str, HostResult]:
        code = self._current.exit_code or 0
        self.has_verdict = self._current.has_verdict
        is_last = self.begun == len(self._orders)
        if is_last or self._is_stopping or Ending(code, self.has_verdict).is_lost:
            self.exit_code = code
            return {}
        if code or not self.has_verdict or not self._is_through():
            return self._give_up(STAGES_LEFT, code)
        try:
            self._begin(*self._hand_on(self.begun, self.outputs))
        except Refused as refused:
            self._banner = f"\nStage {self.begun + 1} was not begun: {refused}\n".encode()
            return self._give_up(str(refused), code)
        return {}

    def _is_through(self) -> bool:
        found = [self._results.get(target["name"]) for target in self._running.targets]
        return all(result is not None and result.status in DONE for result in found)

    def _give_up(self, why: str, code: int) -> dict[str, HostResult]:
        """Begin no further stage: hosts that finished this one do not reach the next."""
        self.exit_code = code or NEVER_STARTED
        left = [name for name, result in self._results.items() if result.status in DONE]
        return {name: HostResult(HostStatus.NOT_REACHED, name in self._changed, why) for name in left}
