"""Idempotency-Key: the same key and body return the first response again (F02, F11).

The record is written in the transaction of the act itself. It is empty before the act, so that of two parallel requests
with the same key the second one waits there and returns the response of the first; and filled after it, so that a lost
response can be fetched again.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import Any

import orjson
from django.core.files.base import File
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.authentication import caller
from accounts.access.quotas import spend
from accounts.models import IdempotencyRecord
from common import problems
from common.errors import DomainError
from common.keyed import keyed
from common.prepared import prepared
from common.retrying import retried

LONGEST = 200
KEEP = timedelta(days=3)
Method = Callable[..., Response]
FIND = """
SELECT id, created_at, fingerprint, status, body FROM accounts_idempotencyrecord
WHERE user_id = %(user)s AND key = %(key)s AND status IS NOT NULL
"""
# An empty record, or the one that is there, after waiting for the request that is making it.
CLAIM = """
INSERT INTO accounts_idempotencyrecord AS record (user_id, key, fingerprint, body, created_at)
VALUES (%(user)s, %(key)s, %(fingerprint)s, '', %(now)s)
ON CONFLICT (user_id, key) DO UPDATE SET key = record.key
RETURNING id, created_at, fingerprint, status, body
"""
FILL = "UPDATE accounts_idempotencyrecord SET status = %(status)s, body = %(body)s WHERE id = %(record)s"
KEEP_FIRST = """
INSERT INTO accounts_idempotencyrecord (user_id, key, fingerprint, status, body, created_at)
VALUES (%(user)s, %(key)s, %(fingerprint)s, %(status)s, %(body)s, %(now)s)
ON CONFLICT (user_id, key) DO NOTHING
"""
Stored = tuple[int, datetime, str, int | None, bytes]  # id, created_at, fingerprint, status, body


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
        print_ = fingerprint(request)
        if quota:  # a repeated request costs nothing
            if earlier := _find(key, print_, request):
                return earlier
            spend(quota, request)
        return _once(key, print_, lambda: method(view, request, *args, **kwargs), view, request)

    return wrapped


def _once(key: str, print_: str, act: Callable[[], Response], view: Any, request: Request) -> Any:
    try:
        return retried(lambda: _act(key, print_, act, request))
    except IdempotencyMismatch:
        raise
    except Exception as error:
        answer = problems.handle(error, {"view": view, "request": request})
        if 400 <= answer.status_code < 500:  # store the refusal; the act itself was rolled back
            refusal = {"status": answer.status_code, "body": _body(answer)}
            _run(KEEP_FIRST, **_named(key, request), fingerprint=print_, now=timezone.now(), **refusal)
        raise


@transaction.atomic
def _act(key: str, print_: str, act: Callable[[], Response], request: Request) -> HttpResponse:
    claim = partial(_run, CLAIM, **_named(key, request), fingerprint=print_, now=timezone.now())
    record = claim()
    if _is_over(record):
        record = claim()
    if record[3] is not None:
        return _response(record, print_)
    answer = act()
    _run(FILL, record=record[0], status=answer.status_code, body=_body(answer))
    return answer


def _find(key: str, print_: str, request: Request) -> HttpResponse | None:
    record = _run(FIND, **_named(key, request))
    return None if record is None or _is_over(record) else _response(record, print_)


def _is_over(record: Stored) -> bool:
    """Whether the record is older than KEEP; it is deleted then."""
    over = record[1] < timezone.now() - KEEP
    if over:
        IdempotencyRecord.objects.filter(pk=record[0]).delete()
    return over


def _response(record: Stored, print_: str) -> HttpResponse:
    """The stored response. Raises IdempotencyMismatch if it is another request's."""
    _id, _created_at, of, status, body = record
    if of != print_ or status is None:
        raise IdempotencyMismatch
    kind = problems.CONTENT_TYPE if status >= 400 else "application/json"
    return HttpResponse(bytes(body), status=status, content_type=kind)


def _named(key: str, request: Request) -> dict[str, Any]:
    return {"user": caller(request).pk, "key": key}


def _body(answer: Response) -> bytes:
    return orjson.dumps(answer.data, default=str)


def _run(statement: str, **values: Any) -> Any:
    """The statement's row, if it returns any."""
    with prepared() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone() if cursor.description else None
