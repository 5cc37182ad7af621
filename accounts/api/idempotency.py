"""Idempotency-Key: the same key and body return the first response again (F02, F11).

The record is written in the transaction of the act itself, as its last statement, so that a lost response can be
fetched again. Of two parallel requests with the same key one cannot write its record, because the other's is there: all
that it did is undone, and it returns the response of the other.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, cast

from django.core.files.base import File
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.authentication import caller
from accounts.access.quotas import require_taken, spend, taking, units
from accounts.models import IdempotencyRecord
from common import problems
from common.errors import DomainError
from common.keyed import keyed
from common.prepared import prepared
from common.rendering import rendered
from common.retrying import retried

LONGEST = 200
KEEP = timedelta(days=3)
JSON = "application/json"
Method = Callable[..., Response]
FIND = """
SELECT id, created_at, fingerprint, status, body FROM accounts_idempotencyrecord
WHERE user_id = %(user)s AND key = %(key)s AND status IS NOT NULL
"""
# The record, or else a unit of the quota: a repeated request costs nothing.
FIND_OR_TAKE = f"""
WITH record AS ({FIND}), {taking("NOT EXISTS (SELECT FROM record)")}
SELECT EXISTS (SELECT FROM own), EXISTS (SELECT FROM shared), record.*
FROM (SELECT 1) AS one LEFT JOIN record ON true
"""  # noqa: S608 (constants only)
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%(user)s::text || ' ' || %(key)s, 0))"
# Waits for another request that is writing a record with this key; no row is returned if that one stays.
KEEP_FIRST = """
INSERT INTO accounts_idempotencyrecord (user_id, key, fingerprint, status, body, created_at)
VALUES (%(user)s, %(key)s, %(fingerprint)s, %(status)s, %(body)s, %(now)s)
ON CONFLICT (user_id, key) DO NOTHING RETURNING id
"""
Stored = tuple[int, datetime, str, int, bytes]  # id, created_at, fingerprint, status, body


class _Taken(Exception):
    """Another request with the same key was faster."""


class IdempotencyMismatch(DomainError):
    """The same key was used for another request."""

    code, status = "idempotency_mismatch", 409
    text = _("This Idempotency-Key was already used for another request. Use a new key.")


class BadKey(DomainError):
    """The key is too long or not printable ASCII."""

    code, status = "bad_idempotency_key", 422
    text = _("An Idempotency-Key is 1 to 200 printable ASCII characters.")


def fingerprint(request: Request) -> str:
    """Identify a request by method, path and parsed body.

    The body can be read only once, and the CSRF check of a session has already read it. Uploads are compared by their
    files, whatever the multipart boundary; JSON by its value, whatever the spacing. The result is keyed, because
    secrets in a body could otherwise be guessed from it.
    """
    if request.content_type.lower().startswith("multipart/"):
        body = b"\0".join(part for file in request.FILES.values() for part in (file.name.encode(), _digest(file)))
    elif isinstance(request.data, bytes):
        body = request.data
    else:
        body = json.dumps(request.data, sort_keys=True).encode()
    whole = b"\0".join([str(request.method).encode(), request.get_full_path().encode(), body])
    return keyed("idempotency", hashlib.sha256(whole).hexdigest())


def _digest(file: File) -> bytes:
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    return found.digest()


def limited(kind: str) -> Callable[[Method], Method]:
    """Decorator for view methods under `idempotent` with a quota per person (accounts.access.quotas).

    Repeated responses cost nothing, and refusals because of the quota are not stored.
    """

    def mark(method: Method) -> Method:
        method.quota = kind  # type: ignore[attr-defined]
        return method

    return mark


def idempotent(method: Method) -> Method:
    """Decorator for view methods that act. Without the header they run unchanged."""
    quota: str | None = getattr(method, "quota", None)

    @wraps(method)
    def wrapped(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            if quota:
                spend(quota, request)
            return retried(lambda: method(view, request, *args, **kwargs))
        if not (key.isascii() and key.isprintable() and 0 < len(key) <= LONGEST):
            raise BadKey
        asked = _Asked(key, fingerprint(request), view, request)
        return _earlier(asked, quota) or _once(asked, lambda: method(view, request, *args, **kwargs))

    return wrapped


@dataclass(frozen=True)
class _Asked:
    """One request with a key."""

    key: str
    fingerprint: str
    view: Any
    request: Request

    @property
    def named(self) -> dict[str, Any]:
        """The values that name its record."""
        return {"user": caller(self.request).pk, "key": self.key}

    @property
    def is_upload(self) -> bool:
        """Whether it stores a file, which a transaction does not take back."""
        return str(self.request.content_type).startswith("multipart/")

    def keep(self, status: int, body: bytes) -> bool:
        """Store the response; returns whether it is the first one."""
        response = {"fingerprint": self.fingerprint, "status": status, "body": body, "now": timezone.now()}
        return _run(KEEP_FIRST, self.named | response) is not None


def is_kept(request: Request) -> bool:
    """Whether what an `idempotent` method does is one transaction, which ends if the method raises."""
    return "Idempotency-Key" in request.headers


def _once(asked: _Asked, act: Callable[[], Response]) -> HttpResponse:
    try:
        return retried(lambda: _act(asked, act))
    except _Taken:
        return _earlier(asked) or _once(asked, act)
    except Exception as error:
        answer = problems.handle(error, {"view": asked.view, "request": asked.request})
        if not 400 <= answer.status_code < 500 or asked.keep(answer.status_code, rendered(answer.data)):
            raise  # the act was rolled back; the refusal is stored
        if (earlier := _earlier(asked)) is None:
            raise
        return earlier  # of another one with this key, which may be why this one was refused


@transaction.atomic
def _act(asked: _Asked, act: Callable[[], Response]) -> HttpResponse:
    if asked.is_upload:  # the file of a request that is undone would stay: the others wait here
        _run(LOCK, asked.named)
        if _run(FIND, asked.named) is not None:
            raise _Taken
    answer = act()
    body = rendered(answer.data)
    if not asked.keep(answer.status_code, body):
        raise _Taken
    return HttpResponse(body, status=answer.status_code, content_type=JSON)


def _earlier(asked: _Asked, quota: str | None = None) -> HttpResponse | None:
    """The first response to this key, if there is one; else a unit of the quota is taken.

    Raises IdempotencyMismatch if it is another request's, QuotaSpent.
    """
    if quota is None:
        record: Stored | None = _run(FIND, asked.named)
    else:
        has_own, has_shared, *found = _run(FIND_OR_TAKE, asked.named | units(quota, asked.request))
        record = cast(Stored, tuple(found)) if found[0] is not None else None
        if record is None:
            require_taken(quota, has_own, has_shared)
    if record is None:
        return None
    if record[1] < timezone.now() - KEEP:
        IdempotencyRecord.objects.filter(pk=record[0]).delete()
        return _earlier(asked, quota)
    _id, _created_at, of, status, body = record
    if of != asked.fingerprint:
        raise IdempotencyMismatch
    return HttpResponse(bytes(body), status=status, content_type=problems.CONTENT_TYPE if status >= 400 else JSON)


def _run(statement: str, values: dict[str, Any]) -> Any:
    """The statement's row, if it returns one."""
    with prepared() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()
