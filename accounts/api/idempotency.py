"""Idempotency-Key: the same key and body answers the first answer again (F2, F11).

The record is written in the transaction of the act itself, so an answer that was lost on the way is found again,
and two requests with one key at once wait for each other.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import orjson
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import caller
from accounts.models import IdempotencyRecord
from accounts.quotas import spend
from config import problems
from config.errors import DomainError
from config.retrying import retried

LONGEST = 200
KEEP = timedelta(days=3)
Method = Callable[..., Response]


class IdempotencyMismatch(DomainError):
    """Same key, other request."""

    code, status = "idempotency_mismatch", 409
    text = _("This Idempotency-Key was already used for another request. Use a new key.")


class BadKey(DomainError):
    """Too long, or not plain ASCII."""

    code, status = "bad_idempotency_key", 422
    text = _("An Idempotency-Key is 1 to 200 printable ASCII characters.")


def fingerprint(request: Request) -> str:
    """What makes two requests the same: method, path and body, as the parsers read it.

    A body can be read once, and the check of a session's CSRF token has read it by now. Of uploads it is the files,
    whatever the boundary between; of JSON the value, whatever the spaces between.
    """
    if request.content_type.lower().startswith("multipart/"):
        body = b"\0".join(part for file in request.FILES.values() for part in (file.name.encode(), _digest(file)))
    elif isinstance(request.data, bytes):
        body = request.data
    else:
        body = json.dumps(request.data, sort_keys=True).encode()
    whole = b"\0".join([str(request.method).encode(), request.get_full_path().encode(), body])
    return hashlib.sha256(whole).hexdigest()


def _digest(file: File) -> bytes:
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    return found.digest()


def limited(kind: str) -> Callable[[Method], Method]:
    """For view methods under `idempotent` that a person may call so often only (accounts.quotas); an answer that was
    given already costs nothing, and a refusal for this reason is not kept."""

    def mark(method: Method) -> Method:
        method.quota = kind  # type: ignore[attr-defined]
        return method

    return mark


def idempotent(method: Method) -> Method:
    """For view methods that act. Without the header they run as they are."""
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
        earlier = _find(key, print_, request)
        if earlier is not None:
            return earlier
        if quota:
            spend(quota, request)
        return _once(key, print_, lambda: method(view, request, *args, **kwargs), view, request)

    return wrapped


def _once(key: str, print_: str, act: Callable[[], Response], view: Any, request: Request) -> Any:
    try:
        return retried(lambda: _act(key, print_, act, request))
    except IntegrityError:
        earlier = _find(key, print_, request)  # another request with this key was first; its answer stands now
        if earlier is None:
            raise
        return earlier
    except Exception as error:
        answer = problems.handle(error, {"view": view, "request": request})
        if 400 <= answer.status_code < 500:
            _keep(key, print_, request, answer)
        raise


@transaction.atomic
def _act(key: str, print_: str, act: Callable[[], Response], request: Request) -> Response:
    record = IdempotencyRecord.objects.create(user=caller(request), key=key, fingerprint=print_)
    answer = act()
    record.status, record.body = answer.status_code, orjson.dumps(answer.data, default=str)
    record.save(update_fields=["status", "body"])
    return answer


def _keep(key: str, print_: str, request: Request, answer: Response) -> None:
    """Store a refusal: the act itself was rolled back."""
    IdempotencyRecord.objects.bulk_create(
        [
            IdempotencyRecord(
                user=caller(request), key=key, fingerprint=print_, status=answer.status_code,
                body=orjson.dumps(answer.data, default=str),
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _find(key: str, print_: str, request: Request) -> HttpResponse | None:
    record = IdempotencyRecord.objects.filter(user=caller(request), key=key).first()
    if record is None or record.status is None:
        return None
    if record.created_at < timezone.now() - KEEP:
        record.delete()
        return None
    if record.fingerprint != print_:
        raise IdempotencyMismatch
    kind = problems.CONTENT_TYPE if record.status >= 400 else "application/json"
    return HttpResponse(bytes(record.body), status=record.status, content_type=kind)
