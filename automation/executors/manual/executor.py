"""The executor of manual actions: it starts nothing, so there is nothing to look up."""

from automation.actions.executors import Draft
from automation.executors.base import Execution, Executor, Order, Refused
from automation.executors.manual.section import check_section
from templates_engine.text import both


class ManualExecutor(Executor):
    """Runs nothing."""

    name, label = "manual", both("人工", "By hand")
    is_by_hand = True
    shown_as = "file"

    def check_section(self, draft: Draft) -> None:
        """Instructions in both languages, and who may tick it off. Raises ValueError."""
        check_section(draft.run)

    def start(self, order: Order) -> Execution:
        """Raises Refused: a manual action has no dry run and no process."""
        raise Refused(f"{order.action.key} is done by a person, not by the executor")
