"""Enrol hosts that may send lines, with their keys: only through the results of approved jobs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from automation.executors.base import HostResult
from automation.executors.host_words import KEY_OF_ANOTHER, NO_HOST_KEY
from automation.jobs.log import append
from automation.models import Host, Job
from automation.models.job import DONE, HostStatus
from automation.models.shell import ShellHost
from automation.shells.sshsig import fingerprint, read_key

INSTALL, REMOVE = "shell.audit_install", "shell.audit_remove"
Handed = Sequence[tuple[str, Mapping[str, Mapping[str, Any]]]]  # the action's key, and host → name → value, per stage


def unfit(handed: Handed, results: Mapping[str, HostResult]) -> dict[str, HostResult]:
    """Hosts where the collector was installed, but whose lines could not be accepted: their result becomes failed.

    A host's values are untrusted; the worst result is a refusal (A35).
    """
    wrong, seen = {}, set()
    for host, values in _installed(handed, results):
        why = _why_not(host, values) or (KEY_OF_ANOTHER if (key := read_key(values["host_key"])) in seen else "")
        if why:
            wrong[host] = replace(results[host], status=HostStatus.FAILED, message=why)
        else:
            seen.add(key)
    return wrong


def note(job: Job, handed: Handed, results: Mapping[str, HostResult], at: datetime) -> None:
    """Enrol the hosts on which this locked job installed the collector, and end the enrolments it removed."""
    for host, values in _installed(handed, results):
        why = _why_not(host, values) or _enrol(job, host, read_key(values["host_key"]), at)
        said = f"is not enrolled. {why}" if why else f"is enrolled, with its key {fingerprint(values['host_key'])}"
        append(job, f"Lines of shells: {host} {said}\n", ours=True)
    if any(action == REMOVE for action, _said in handed):
        _end(job, [host for host, result in results.items() if result.status in DONE], at)


def _end(job: Job, hosts: Sequence[str], at: datetime) -> None:
    for enrolment in _standing().filter(_is_of(hosts)).select_for_update(of=("self",)):
        _remove(enrolment, at)
        append(job, f"Lines of shells: {enrolment.name} is no longer enrolled\n", ours=True)


def _installed(handed: Handed, results: Mapping[str, HostResult]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Hosts that are done, with the values they handed over."""
    for action, said in handed:
        if action == INSTALL:
            yield from ((host, said.get(host, {})) for host in results if results[host].status in DONE)


def _why_not(host: str, values: Mapping[str, Any]) -> str:
    """Why this host cannot be enrolled with its values; "" if it can.

    A key under which another host is enrolled is refused: machines cloned with their keys could send for each other.
    """
    said = values.get("host_key")
    try:
        key = read_key(said) if isinstance(said, str) else ""
    except ValueError:
        key = ""
    if not key:
        return NO_HOST_KEY
    return KEY_OF_ANOTHER if _standing().filter(public_key=key).exclude(_is_of([host])).exists() else ""


def _enrol(job: Job, host: str, key: str, at: datetime) -> str:
    """The same host and key keep their enrolment and its numbers; another key makes a new one, and the old one ends.

    Returns the reason if another job has just enrolled this key; otherwise "".
    """
    fresh = {"enrolled_at": at, "enrolled_job": job, "enrolled_by": job.ticket.applicant.username}
    before = list(_standing().filter(_is_of([host])).select_for_update(of=("self",)))
    same = next((one for one in before if (one.name, one.public_key) == (host, key)), None)
    for enrolment in before:
        if enrolment is not same:
            _remove(enrolment, at)
    if same:
        ShellHost.objects.filter(pk=same.pk).update(**fresh)
    else:
        known = Host.objects.filter(name=host).first()
        try:
            with transaction.atomic():
                ShellHost.objects.create(host=known, name=host, public_key=key, **fresh)
        except IntegrityError:
            return KEY_OF_ANOTHER
    return ""


def _standing() -> Any:
    return ShellHost.objects.filter(removed_at__isnull=True)


def _is_of(hosts: Sequence[str]) -> Q:
    """Enrolments of these hosts, by the host's present name or its name at enrolment."""
    return Q(name__in=hosts) | Q(host__name__in=hosts)


def _remove(enrolment: ShellHost, at: datetime) -> None:
    ShellHost.objects.filter(pk=enrolment.pk).update(removed_at=at)
