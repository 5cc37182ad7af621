"""The executor of manual actions: it starts nothing, so there is nothing to look up."""

from collections.abc import Mapping

from automation.executors.base import Execution, HostResult, Order, Refused


class ManualExecutor:
    """Runs nothing."""

    def start(self, order: Order) -> Execution:
        """Raises Refused: a manual action has no dry run and no process."""
        raise Refused(f"{order.action.key} is done by a person, not by the executor")

    def look_up(self, order: Order) -> Mapping[str, HostResult] | None:  # noqa: ARG002 (the protocol's signature)
        """Return None: the ticked results are in the job."""
        return None
