"""Syncs actions from the team's own repository or folder: all of them are stored, or none."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.trail.acts import SYSTEM, Kind, record
from automation.actions import git
from automation.actions.document import Action
from automation.actions.gather import gather
from automation.actions.library import library
from automation.actions.problems import Finding
from automation.actions.seals import seal
from automation.actions.source_tree import SourceUnusable, Tree, folder_tree
from automation.actions.store import found_version, next_change
from automation.clock import db_now
from automation.errors import NoActionsSource
from automation.models import ActionSync, ActionVersion
from common import doorbell

KEPT = 100
LOST_AFTER = timedelta(minutes=30)
UNHEARD = timedelta(seconds=10)
TASK = "automation.sync_actions"
State = ActionSync.State


@dataclass
class Seen:
    """What one sync found. fresh: {key, version} that were not stored yet. gone: released keys no longer there."""

    commit: str
    actions: list[Action]
    findings: list[Finding]
    fresh: list[dict[str, str]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


@contextmanager
def opened(source: str, ref: str) -> Iterator[Tree]:
    """The tree of a repository's commit, or of a folder that is not a repository. Raises SourceUnusable."""
    place = Path(source)
    if place.is_absolute() and not git.is_repository(place):
        if not place.is_dir():
            raise SourceUnusable(f"{source} is not there")
        yield folder_tree(place)
    else:
        with git.commit_of(source, ref) as tree:
            yield tree


def inspect(source: str, ref: str) -> Seen:
    """Read and check everything; nothing is stored. Raises SourceUnusable."""
    with opened(source, ref) as tree:
        actions, findings = gather(tree, library().action, library().keys())
        return Seen(tree.commit, actions, findings)


@transaction.atomic
def store(seen: Seen, source: str, actor: User | None = None) -> None:
    """Store the new versions; each waits until somebody releases it. actor: who asked for the sync (I25)."""
    change, at, shown = next_change(), db_now(), git.shown(source)[:300]
    for action in seen.actions:
        if not ActionVersion.objects.filter(key=action.key, version=action.version).exists():
            seal(found_version(action, shown, seen.commit, at, change)).save(force_insert=True)
            seen.fresh.append({"key": action.key, "version": action.version})
    if seen.fresh:
        data = {"source": shown, "commit": seen.commit, "versions": seen.fresh}
        record(Kind.ACTIONS_FOUND, actor=actor, origin=SYSTEM, at=at, about="actions", data=data)
    released = ActionVersion.objects.filter(source=shown, state=ActionVersion.State.RELEASED)
    there = {action.key for action in seen.actions}
    seen.gone = sorted(set(released.values_list("key", flat=True)) - there)


def ask(actor: User | None) -> ActionSync:
    """Ask the executor for a sync; if one is already waiting, return that one. Raises NoActionsSource."""
    if not settings.ACTIONS_SOURCE:
        raise NoActionsSource
    waiting = ActionSync.objects.filter(state=State.WAITING).order_by("-pk").first()
    if waiting is None:
        shown = git.shown(settings.ACTIONS_SOURCE)[:300]
        waiting = ActionSync.objects.create(source=shown, ref=settings.ACTIONS_REF, asked_by=actor, asked_at=db_now())
    doorbell.ring(TASK, waiting.pk)
    return waiting


def remind() -> None:
    """Send the task again for a sync that no worker has started (I18)."""
    late = ActionSync.objects.filter(state=State.WAITING, asked_at__lt=db_now() - UNHEARD).order_by("pk").first()
    if late is not None:
        doorbell.ring(TASK, late.pk)


def perform(sync_id: int) -> ActionSync | None:
    """Do one waiting sync; only one caller can start it. Returns None if it is not waiting."""
    at = db_now()
    ActionSync.objects.filter(state=State.RUNNING, started_at__lt=at - LOST_AFTER).update(
        state=State.FAILED, ended_at=at
    )
    if not ActionSync.objects.filter(pk=sync_id, state=State.WAITING).update(state=State.RUNNING, started_at=at):
        return None
    row = ActionSync.objects.get(pk=sync_id)
    try:
        seen = inspect(settings.ACTIONS_SOURCE, settings.ACTIONS_REF)
        if not seen.findings:
            store(seen, settings.ACTIONS_SOURCE, row.asked_by)
    except SourceUnusable as error:
        row.state, row.findings = State.FAILED, [_told(Finding(row.source, None, "", str(error)))]
    except Exception:
        row.state, row.ended_at = State.FAILED, db_now()
        row.save()
        raise
    else:
        row.state = State.REFUSED if seen.findings else State.DONE
        row.commit, row.found, row.fresh, row.gone = seen.commit, len(seen.actions), seen.fresh, seen.gone
        row.findings = [_told(finding) for finding in seen.findings[:200]]
    row.ended_at = db_now()
    row.save()
    old = ActionSync.objects.order_by("-pk").values_list("pk", flat=True)[KEPT:]
    ActionSync.objects.filter(pk__in=list(old)).delete()
    return row


def _told(finding: Finding) -> dict[str, Any]:
    return {"file": finding.file, "line": finding.line, "key": finding.key, "what": finding.what}
