"""An order prepared for Salt: function, arguments and minions. Nothing is evaluated after this (I15)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from automation.actions.files import Files, content_version
from automation.executors.base import Mode, Order, Refused
from automation.executors.salt.answers import MinionResult, function_result, states_result
from automation.executors.salt.client import Answer
from automation.executors.salt.jid import jid_of
from automation.executors.salt.references import Values, fill
from automation.executors.salt.runners import check_runner
from automation.executors.salt.state_file import RAW, High, filled_states, read_states, sent
from automation.inventory.names import is_minion
from automation.models.host import Connection


@dataclass(frozen=True)
class Work:
    """One run. hosts: minion id → the host's name in the plan. high: the states of a state run, otherwise None."""

    order: Order
    fun: str
    kwarg: Mapping[str, Any]
    hosts: Mapping[str, str]
    high: High | None = None
    is_runner: bool = False

    @property
    def is_check(self) -> bool:
        """Whether this is a dry run, which may change nothing."""
        return self.order.mode is Mode.CHECK

    @property
    def label(self) -> str:
        """Sent with the job, so that another job's record is not taken for this one."""
        return f"{self.order.number} {self.order.key}"

    def jid(self, again: int = 0) -> str:
        """The job id of this run. again: how often it was refused because the minions were busy."""
        return jid_of(self.order.key, self.order.mode, self.hosts, again)

    def result_of(self, minion: str, answer: Answer) -> MinionResult:
        """Judge this minion's answer."""
        if self.high is not None:
            return states_result(self.hosts[minion], answer, self.high, is_check=self.is_check)
        return function_result(self.hosts[minion], answer, self.order.action.run)


def prepare(order: Order) -> Work:
    """Raises Refused if the action is not the approved one, a target is not one minion, or a value is unsafe."""
    try:
        hosts = _hosts(order)
        files = _approved_files(order)
        run, values = order.action.run, Values(order.params, files, order.number)
        if "state" in run:
            params = order.action.params.get("properties", {})
            high = filled_states(read_states(files[run["state"]], params, files), values)
            return Work(order, "state.high", {"data": sent(high)}, hosts, high)
        if "runner" in run:
            check_runner(run["runner"], run.get("kwarg", {}))  # also for actions stored before this rule
        kwarg = fill(run.get("kwarg", {}), values)
        if run.get("function", "").startswith("cmd.") and "stdin" in kwarg:
            kwarg |= RAW
    except (ValueError, KeyError) as error:
        raise Refused(str(error)) from error
    is_runner = "runner" in run
    return Work(order, run["runner" if is_runner else "function"], kwarg, hosts, is_runner=is_runner)


def _hosts(order: Order) -> dict[str, str]:
    hosts = {_minion(target): target["name"] for target in order.targets}
    if len(hosts) != len(order.targets) or not hosts:
        raise ValueError("Two hosts of the plan are one minion, or there is none.")
    return hosts


def _minion(target: Mapping[str, Any]) -> str:
    if target["connection"] != Connection.SALT:
        raise ValueError(f"{target['name']} is not reached by Salt.")
    if not target["address"] or not is_minion(target["address"]):
        raise ValueError(f"{target['address']!r} is not the id of one minion.")
    return str(target["address"])


def _approved_files(order: Order) -> Files:
    """The action's files, if their current content has the approved hash (A29). Raises ValueError."""
    if order.version != order.action.version or content_version(order.action.files) != order.version:
        raise ValueError("The action has changed since it was approved.")
    return order.action.files
