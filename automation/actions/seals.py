"""The seal (signature) of a stored action: a row that was changed directly in the database is rejected (A29, A32).

The seal covers the version, which is the hash of the files, and so the files too. An old row with its old seal that
was put back is detected by the audit trail: a row must name the newest trail entry about its version.
"""

from datetime import UTC, datetime

from automation.models import ActionVersion
from common import keys
from common.chain import canonical


def seal(row: ActionVersion) -> ActionVersion:
    """Sign a row before it is stored, and return it."""
    row.seal = keys.sign(_sealed(row))
    return row


def is_sound(row: ActionVersion) -> bool:
    """Whether the seal matches this row's content."""
    return keys.is_signed(_sealed(row), row.seal)


def _sealed(row: ActionVersion) -> bytes:
    body = {
        "key": row.key,
        "version": row.version,
        "source": row.source,
        "commit": row.commit,
        "state": row.state,
        "is_recalled": row.is_recalled,
        "note": row.note,
        "found_at": _moment(row.found_at),
        "released": [_moment(row.released_at), row.released_by_id],
        "withdrawn": [_moment(row.withdrawn_at), row.withdrawn_by_id],
        "act": row.act,
        "change": row.change,
    }
    return b"action version\n" + canonical(body)


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else None
