"""Releasing, withdrawing and recalling versions of actions, by people with the permission.

Withdrawn: no new plan uses the version; approved plans still run. Recalled: approved plans do not start either. Each
is recorded in the audit trail of administration, and the row's seal covers it.
"""

from typing import Any

from django.db import transaction

from accounts.models import AdminEvent, User
from accounts.permissions import ACTIONS, has_permission
from accounts.trail.acts import SYSTEM, Kind, Origin, record
from automation.actions.cross import cross_problems
from automation.actions.files import SHORT
from automation.actions.library import library
from automation.actions.seals import seal
from automation.actions.shelf import is_believed, last_acts
from automation.actions.store import next_change
from automation.clock import db_now
from automation.errors import ActionNotSound, ActionRefused, CommentNeeded, NoSuchVersion, NotReleaser
from automation.models import ActionVersion
from common.errors import finding
from templates_engine.text import localize
from tickets.errors import WrongState

State = ActionVersion.State


def require_releaser(actor: User | None) -> None:
    """Raise NotReleaser if the actor lacks the permission. None is the command line, used only on the server itself."""
    if actor is not None and not has_permission(actor, ACTIONS):
        raise NotReleaser


def find_version(key: str, version: str) -> ActionVersion:
    """The version with this hash; `version` is the hash or at least its first 12 digits. Raises NoSuchVersion."""
    rows = list(ActionVersion.objects.filter(key=key, version__startswith=version)[:2])
    if len(version) < SHORT or len(rows) != 1:
        raise NoSuchVersion
    return rows[0]


@transaction.atomic
def release(*, key: str, version: str, note: str, actor: User | None, origin: Origin = SYSTEM) -> ActionVersion:
    """Let new tickets use this version instead of the currently released one.

    Raises NotReleaser, NoSuchVersion, ActionNotSound, WrongState if it is released already, ActionRefused if the
    actions that it names do not fit it now.
    """
    require_releaser(actor)
    change, at = next_change(), db_now()
    row = _sound(key, version)
    if row.state == State.RELEASED:
        raise WrongState
    _require_fit(row)
    old = ActionVersion.objects.filter(key=key, state=State.RELEASED).first()
    data = {"replaces": old.version if old else None, "source": row.source, "commit": row.commit, "note": note}
    act = _record(Kind.ACTION_RELEASED, row, data, actor=actor, origin=origin)
    if old is not None:
        old.state, old.act, old.change = State.SUPERSEDED, act, change
        seal(old).save()
    row.state, row.released_at, row.released_by, row.note = State.RELEASED, at, actor, note
    row.is_recalled, row.withdrawn_at, row.withdrawn_by = False, None, None
    row.act, row.change = act, change
    seal(row).save()
    transaction.on_commit(library().shelf.forget)
    return row


@transaction.atomic
def withdraw(
    *, key: str, version: str, note: str, recall: bool, actor: User | None, origin: Origin = SYSTEM
) -> ActionVersion:
    """Let no new ticket use this version. With `recall`, approved plans with this version do not start either.

    Running jobs go on; cancel them separately. Raises NotReleaser, NoSuchVersion, ActionNotSound, CommentNeeded.
    """
    require_releaser(actor)
    if not note.strip():
        raise CommentNeeded
    change, at = next_change(), db_now()
    row = _sound(key, version)
    kind = Kind.ACTION_RECALLED if recall else Kind.ACTION_WITHDRAWN
    row.act = _record(kind, row, {"note": note}, actor=actor, origin=origin)
    row.state, row.withdrawn_at, row.withdrawn_by = State.WITHDRAWN, at, actor
    row.is_recalled, row.note, row.change = recall, note, change
    seal(row).save()
    transaction.on_commit(library().shelf.forget)
    return row


def _sound(key: str, version: str) -> ActionVersion:
    row = find_version(key, version)
    if not is_believed(row, last_acts()):
        raise ActionNotSound
    return row


def _require_fit(row: ActionVersion) -> None:
    action = library().action(row.key, row.version)
    if action is None:
        raise ActionNotSound
    known = library()
    wrong = list(cross_problems(action, lambda key: action if key == action.key else known.action(key), known.keys()))
    if wrong:
        raise ActionRefused(errors=[finding(key, "action_refused", localize(t)) for key, t in wrong])


def _record(kind: str, row: ActionVersion, data: dict[str, Any], *, actor: User | None, origin: Origin) -> int:
    whole = {"key": row.key, "version": row.version, **data}
    return record(kind, actor=actor, origin=origin, at=db_now(), about=f"action:{row.key}", data=whole).seq


def recall_note(key: str, version: str) -> str | None:
    """The reason why approved plans with this version must not start; None if they may.

    Either the row or the audit trail is enough to forbid it (A32).
    """
    row = ActionVersion.objects.defer("files").filter(key=key, version=version).first()
    if row is not None and row.is_recalled:
        return row.note
    acts = AdminEvent.objects.filter(about=f"action:{key}", data__version=version).order_by("-seq")
    last = acts.first()
    return str(last.data.get("note", "")) if last is not None and last.kind == Kind.ACTION_RECALLED else None
