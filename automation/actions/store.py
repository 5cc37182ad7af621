"""Stores action versions in the database: shipped ones after `migrate`, others with `actions sync`."""

import base64
from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from accounts.trail.acts import SYSTEM, Kind, record
from automation.actions.document import Action
from automation.actions.seals import seal
from automation.actions.shelf import SHIPPED
from automation.clock import db_now
from automation.models import ActionVersion

CHANGING = 0x616374  # "act": key of the advisory lock that is held while changes are numbered
State = ActionVersion.State


def next_change() -> int:
    """The number of the next change. An advisory lock stops other changes of actions until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHANGING])
    return (ActionVersion.objects.aggregate(last=Max("change"))["last"] or 0) + 1


def found_version(action: Action, source: str, commit: str, at: datetime, change: int) -> ActionVersion:
    """A row for a newly found version that is not yet released. The row is neither sealed nor saved."""
    return ActionVersion(
        key=action.key,
        version=action.version,
        source=source,
        commit=commit,
        files={name: base64.b64encode(data).decode() for name, data in action.files.items()},
        found_at=at,
        change=change,
    )


@transaction.atomic
def store_shipped(actions: Collection[Action]) -> list[str]:
    """Store and release the shipped actions. Returns the keys whose released version changed.

    The version that shipped before stays stored, for open tickets. If people released their own version under the same
    key, or withdrew the shipped one, that stays: the new version waits until somebody releases it.
    """
    if not any(_is_news(action, held) for action, held in _held(actions)):
        return []
    change, at = next_change(), db_now()
    news = [(action, held) for action, held in _held(actions) if _is_news(action, held)]
    return [action.key for action, held in news if _ship(action, held, change, at)]


def _held(actions: Collection[Action]) -> list[tuple[Action, list[ActionVersion]]]:
    rows: dict[str, list[ActionVersion]] = {action.key: [] for action in actions}
    for row in ActionVersion.objects.defer("files").filter(key__in=rows):
        rows[row.key].append(row)
    return [(action, rows[action.key]) for action in actions]


def _is_news(action: Action, held: list[ActionVersion]) -> bool:
    """Whether this version is not stored yet, or is superseded by another shipped one (Baton was downgraded)."""
    row = next((row for row in held if row.version == action.version), None)
    return row is None or (row.state == State.SUPERSEDED and _is_ours(held))


def _is_ours(held: list[ActionVersion]) -> bool:
    """Whether shipping decides which version of this key is released: no person released or withdrew one."""
    current = [row for row in held if row.state == State.RELEASED]
    return current[0].source == SHIPPED if current else all(row.state == State.NEW for row in held)


def _ship(action: Action, held: list[ActionVersion], change: int, at: datetime) -> bool:
    row = next((row for row in held if row.version == action.version), None)
    row = row or found_version(action, SHIPPED, "", at, change)
    is_ours = _is_ours(held)
    if is_ours:
        for old in held:
            if old.state == State.RELEASED:
                row.act = _record(row, old, at)
                old.state, old.act, old.change = State.SUPERSEDED, row.act, change
                seal(old).save(update_fields=["state", "act", "change", "seal"])
        row.state, row.released_at, row.released_by, row.change = State.RELEASED, at, None, change
    seal(row).save()
    return is_ours


def _record(row: ActionVersion, old: ActionVersion, at: datetime) -> int:
    """Record an upgrade in the audit trail. Otherwise the old row could be put back without being detected."""
    data = {
        "key": row.key,
        "version": row.version,
        "replaces": old.version,
        "source": SHIPPED,
        "commit": "",
        "note": "",
    }
    return record(Kind.ACTION_RELEASED, actor=None, origin=SYSTEM, at=at, about=f"action:{row.key}", data=data).seq
