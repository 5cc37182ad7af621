"""Carry out an order with the real Ansible, and collect everything it reports."""

from dataclasses import dataclass, field
from typing import Any

from automation import executors
from automation.executors.base import Diff, HostResult, Order
from automation.executors.log_text import Cleaner
from automation.executors.verdict import Ending


@dataclass
class Played:
    """text: as it is stored. The others as the executor reported them."""

    text: str = ""
    results: dict[str, HostResult] = field(default_factory=dict)
    diffs: list[Diff] = field(default_factory=list)
    unforeseen: list[tuple[str, str]] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    ending: Ending = field(default_factory=lambda: Ending(1, False))

    @property
    def statuses(self) -> dict[str, str]:
        """Host → status."""
        return {name: result.status for name, result in self.results.items()}


def play(order: Order) -> Played:
    """Start an order and follow it until all output has arrived."""
    played, cleaner = Played(), Cleaner([])
    with executors.start(order) as execution:
        ended = False
        while not ended:
            ended = execution.exit_code is not None
            execution.renew()
            news = execution.poll(0.5)
            played.text += cleaner.feed(news.text)
            played.results |= news.hosts
            played.diffs += news.diffs
            played.unforeseen += news.unforeseen
            played.outputs |= news.outputs
    played.text += cleaner.finish()
    played.ending = Ending(execution.exit_code, execution.has_verdict)
    return played
