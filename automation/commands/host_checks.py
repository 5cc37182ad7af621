"""Checks whether hosts answer: requested by a person, done by the executor of their site, stored with the time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from automation.clock import db_now
from automation.commands.hosts import require_operator
from automation.errors import NoSuchHost
from automation.hosts.checks import Finding, check
from automation.jobs.sites import queue_of
from automation.models import Host
from common import doorbell

TASK = "automation.check_hosts"
AT_ONCE = 100
ASKED_FOR = timedelta(minutes=10)  # older requests are ignored


@transaction.atomic
def ask_for_check(*, actor: User, names: Sequence[str]) -> int:
    """Request a check of these hosts; returns how many. Raises NotAllowed, NoSuchHost."""
    require_operator(actor)
    wanted = Host.objects.filter(name__in=names)
    if wanted.count() != len(set(names)):
        raise NoSuchHost
    count = wanted.update(check_requested_at=Now())
    for site in sorted(set(wanted.values_list("site", flat=True))):
        if site:
            doorbell.ring_at(queue_of(site), TASK)
        else:
            doorbell.ring(TASK)
    return count


def check_waiting() -> int:
    """Check the requested hosts of this executor's site; returns how many. Two callers share the work."""
    done = 0
    while hosts := _take():
        done += len(check_now(hosts))
    return done


def check_now(hosts: Sequence[Host]) -> list[tuple[Host, Finding]]:
    """Check these hosts now and store the results."""
    found = check(hosts)
    at = db_now()
    for host in hosts:
        _settle(host, found[host.name], at)
    return [(host, found[host.name]) for host in hosts]


def _take() -> list[Host]:
    """Take up to AT_ONCE hosts that wait for a check; row locks keep other callers from taking them too."""
    with transaction.atomic():
        waiting = Host.objects.filter(check_requested_at__gt=Now() - ASKED_FOR, site=settings.SITE)
        hosts = list(waiting.select_for_update(skip_locked=True).order_by("check_requested_at", "pk")[:AT_ONCE])
        Host.objects.filter(pk__in=[host.pk for host in hosts]).update(check_requested_at=None)
    return hosts


def _settle(host: Host, found: Finding, at: datetime) -> None:
    news: dict[str, object] = {"check_result": found.result, "check_message": found.message, "checked_at": at}
    if found.facts:
        news |= {"facts": found.facts, "facts_at": at}
    Host.objects.filter(pk=host.pk).update(**news)
