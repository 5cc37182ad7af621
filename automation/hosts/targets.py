"""The hosts of a plan: found by their exact names, frozen with their connection data (A30, I15)."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.organisation.people import PersonFacts
from automation.actions.executors import kind_of
from automation.hosts.audience import closed_groups, with_limits
from automation.inventory.names import is_host_name
from automation.models import Host
from automation.models.host import Connection
from common.errors import Problem, finding
from tickets.models.content import Target

MAX_TARGETS = 1000
Findings = list[Problem]
ASKED = ("name", "address", "connection", "port", "user", "minion", "site")


def resolve(
    names: list[str], path: str, *, executor: str, needed: bool, applicant: PersonFacts | None
) -> tuple[list[Target], str, Findings]:
    """The named hosts in this order, as a plan stores them; their site; a finding for every unusable name.

    Patterns, groups and keywords are never expanded (A30). One query for any number of hosts; two more if groups limit
    who may target them. applicant: as of people.facts.
    """
    if not names and needed:
        return [], "", [finding(path, "no_hosts", _("Choose at least one host."))]
    if len(names) > MAX_TARGETS:
        text = _("At most %(limit)s hosts are possible in one plan.") % {"limit": MAX_TARGETS}
        return [], "", [finding(path, "too_many_hosts", text)]
    plain = [name for name in names if is_host_name(name)]
    hosts = with_limits(Host.objects.filter(name__in=plain, is_active=True).only(*ASKED))
    known: dict[str, Any] = {host.name: host for host in hosts}
    limits = {group for host in known.values() for group in host.limits}
    closed = closed_groups(applicant, limits) if limits else set()
    targets: dict[str, Target] = {}
    sites: dict[str, str] = {}
    wrong: Findings = []
    for index, name in enumerate(names):
        host = known.get(name) if isinstance(name, str) else None
        if host is None:
            text = _("No active host has this name. Patterns and groups are not possible.")
            wrong.append(finding(f"{path}[{index}]", "unknown_host", text))
        elif name in targets:
            wrong.append(finding(f"{path}[{index}]", "duplicate_host", _("This host is named twice.")))
        else:
            wrong += _unusable(host, f"{path}[{index}]", executor, sites)
            if shut := [group for group in host.limits if group in closed]:
                text = _("%(name)s is in the group %(group)s, whose hosts the applicant may not target.")
                message = text % {"name": name, "group": shut[0]}
                wrong.append(finding(f"{path}[{index}]", "not_targetable", message))
            targets[name] = target_of(host, executor)
    return list(targets.values()), next(iter(sites), ""), wrong


def target_of(host: Host, executor: str) -> Target:
    """One host as a plan for this executor stores it."""
    if kind_of(executor).reaches_by == Connection.SALT:
        return Target(name=host.name, address=host.minion, connection=Connection.SALT)
    return Target(name=host.name, address=host.reach, connection=host.connection)


def is_reachable(host: Host, executor: str) -> bool:
    """Whether this executor can reach this host."""
    way = kind_of(executor).reaches_by
    if way == Connection.SALT:
        return host.minion != ""
    return way is None or host.connection != Connection.SALT


def _unusable(host: Host, path: str, executor: str, sites: dict[str, str]) -> Findings:
    """Why this host cannot be in the plan. sites: each site so far → its first host; this host's site is added."""
    found = []
    if not is_reachable(host, executor):
        text = (
            _("%(name)s has no minion id, so Salt cannot reach it. An operator can enter one.")
            if kind_of(executor).reaches_by == Connection.SALT
            else _("%(name)s is reached by Salt only, and this action runs over SSH.")
        )
        found.append(finding(path, "unreachable_by", text % {"name": host.name}))
    first = sites.setdefault(host.site, host.name)
    if len(sites) > 1 and first == host.name:
        other, there = next(iter(sites.items()))
        text = _("%(name)s is at %(site)s and %(first)s at %(other)s. Submit a ticket for each site.")
        main = _("the main site")
        values: dict[str, Any] = {"name": host.name, "site": host.site or main, "first": there, "other": other or main}
        found.append(finding(path, "several_sites", text % values))
    return found
