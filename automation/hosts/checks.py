"""Checks whether hosts answer and can be used; the executor does this and changes nothing on a host.

SSH: the server's greeting, then a log-in with the fleet's key that reads facts. Demonstration hosts: their folder.
Minions: their grains.
"""

import socket
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from automation.executors.salt.account import NotSet, account_of
from automation.executors.salt.api_connection import SaltApiError
from automation.executors.salt.client import Salt
from automation.executors.salt.fleet import grains
from automation.hosts.probe import Found, has_key, probe
from automation.inventory.salt import clean_facts, facts_of_grains
from automation.models import Host
from automation.models.host import Connection, Facts
from automation.models.job import DONE, HostStatus
from automation.values import visible

ANSWER_S = 5.0
AT_ONCE = 20
LONGEST = 300


@dataclass(frozen=True)
class Finding:
    """The result of checking one host. message: the SSH greeting, or why it does not answer. facts: of the host."""

    result: str
    message: str = ""
    facts: Facts = field(default_factory=Facts)


def check(hosts: Sequence[Host]) -> dict[str, Finding]:
    """Host name → result. Each host is checked over all its connections (SSH or folder, and Salt)."""
    minions = _ask_salt([host for host in hosts if host.minion])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        direct = dict(zip([host.name for host in hosts], pool.map(_ask_directly, hosts), strict=True))
    direct |= _log_in([host for host in hosts if host.connection == Connection.SSH], direct)
    return {host.name: _both(direct[host.name], minions.get(host.name)) for host in hosts}


def _both(direct: Finding | None, salt: Finding | None) -> Finding:
    """Combine two results of a host: OK only if both connections work, else the first problem."""
    found = [each for each in (direct, salt) if each is not None]
    facts = next((each.facts for each in found if each.facts), Facts())
    for result in (Host.Check.UNREACHABLE, Host.Check.UNUSABLE, Host.Check.UNKNOWN):
        if bad := [each for each in found if each.result == result]:
            return Finding(result, bad[0].message, facts)
    return Finding(Host.Check.OK, "; ".join(each.message for each in found if each.message)[:LONGEST], facts)


def _log_in(hosts: Sequence[Host], greeted: Mapping[str, Finding | None]) -> dict[str, Finding]:
    """Whether the hosts that answered accept a log-in and have Python. Without the fleet's key, no log-in is tried."""
    answer = {host.name: found for host in hosts if (found := greeted[host.name]) and found.result == Host.Check.OK}
    if not answer:
        return {}
    if not has_key():
        note = _("No log-in was tried: the fleet's key is not here.")
        return {name: replace(found, message=f"{found.message}; {note}"[:LONGEST]) for name, found in answer.items()}
    tried = probe([host for host in hosts if host.name in answer])
    return {name: _let_in(answer[name], found) for name, found in tried.items()}


def _let_in(greeted: Finding, found: Found) -> Finding:
    if found.status in DONE:
        return replace(greeted, facts=found.facts)
    if found.status in (HostStatus.FAILED, HostStatus.UNREACHABLE):
        return Finding(Host.Check.UNUSABLE, found.message[:LONGEST])
    return Finding(Host.Check.UNKNOWN, found.message[:LONGEST] or _("The log-in came to no end."))


def _ask_directly(host: Host) -> Finding | None:
    """Check over SSH, or the folder of a demonstration host; None for a host that only Salt reaches."""
    if host.connection == Connection.SALT:
        return None
    if host.connection == Connection.LOCAL:
        if (Path(settings.HOME) / "hosts" / host.name).is_dir():
            return Finding(Host.Check.OK)
        return Finding(Host.Check.UNREACHABLE, _("The folder of this demonstration host is missing."))
    return greeting(host.address or host.name, host.port)


def greeting(address: str, port: int, answer_s: float = ANSWER_S) -> Finding:
    """Read an SSH server's greeting. Any other first line means that this is not an SSH server."""
    try:
        with socket.create_connection((address, port), timeout=answer_s) as connection:
            connection.settimeout(answer_s)
            said = connection.recv(255)
    except TimeoutError:
        return Finding(Host.Check.UNREACHABLE, _("No answer within %(seconds)s seconds.") % {"seconds": int(answer_s)})
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return Finding(Host.Check.UNREACHABLE, f"SSH: {visible(reason)}"[:LONGEST])
    line = visible(said.split(b"\n")[0].strip().decode("ascii", "replace"))[:100]
    if said.startswith(b"SSH-"):
        return Finding(Host.Check.OK, line)
    return Finding(Host.Check.UNREACHABLE, _("What answers there is no SSH server: %(line)s") % {"line": line})


def _ask_salt(hosts: Iterable[Host]) -> dict[str, Finding]:
    """Check hosts with a minion by reading their grains."""
    names = {host.minion: host.name for host in hosts}
    if not names:
        return {}
    try:
        salt = Salt(account_of({}))
        salt.log_in()
        found = grains(salt, list(names))
    except (NotSet, SaltApiError, OSError) as error:
        message = f"Salt: {visible(str(error))}"[:LONGEST]
        return {name: Finding(Host.Check.UNKNOWN, message) for name in names.values()}
    silent = Finding(Host.Check.UNREACHABLE, _("The minion does not answer."))
    return {
        name: Finding(Host.Check.OK, "", clean_facts(facts_of_grains(found[minion]))) if minion in found else silent
        for minion, name in names.items()
    }
