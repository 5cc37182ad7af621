"""Check whether hosts accept an SSH log-in and have Python: a small Ansible run, like the run of an action.

It is not an action that a ticket could name, and it changes nothing. A host's data is untrusted (A28, A35).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.conf import settings

from automation import executors
from automation.actions.document import Action, load_action
from automation.executors.base import HostResult, News, Order, Refused
from automation.executors.following import follow
from automation.executors.log_text import clean
from automation.hosts.targets import target_of
from automation.inventory.salt import clean_facts
from automation.models import Host
from automation.models.host import Facts
from automation.models.job import DONE, HostStatus

MESSAGE_MAX = 280


@dataclass
class Found:
    """The result for one host. status: the same values as for a job's hosts. message: why it failed, cleaned."""

    status: str = HostStatus.UNKNOWN
    message: str = ""
    facts: Facts = field(default_factory=Facts)


@cache
def _action() -> Action:
    return load_action(Path(__file__).parent / "host.probe")


def has_key() -> bool:
    """Whether this process has the shared SSH key; without it no log-in is possible."""
    return (Path(settings.AUTOMATION_HOME) / "ssh" / "id").is_file()


def probe(hosts: Sequence[Host]) -> dict[str, Found]:
    """The result for each of these hosts by name; all must be hosts that are reached over SSH."""
    found = {host.name: Found() for host in hosts}
    action = _action()
    order = Order("check", 1, action, action.version, {}, [target_of(host, action.executor) for host in hosts])
    try:
        execution = executors.start(order)
    except Refused as refused:
        return {host.name: Found(message=clean(str(refused), MESSAGE_MAX)) for host in hosts}

    def beat() -> str:
        execution.renew()
        return ""

    with execution:
        follow(execution, take=lambda news: _take(news, found), beat=beat, limit_s=lambda: action.timeout_s)
    return found


def _take(news: News, found: Mapping[str, Found]) -> None:
    for name, result in news.hosts.items():
        if name in found and result.status != HostStatus.RUNNING:
            found[name].status, found[name].message = result.status, _one_line(result)
    for name, values in news.outputs.items():
        if name in found:
            found[name].facts = clean_facts(values)


def _one_line(result: HostResult) -> str:
    return "" if result.status in DONE else " ".join(clean(result.message, MESSAGE_MAX).split())
