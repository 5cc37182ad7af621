"""Every error as RFC 9457 application/problem+json: {type, title, status, code, detail, errors?}."""

import logging
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import DisallowedHost, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_fsm import ConcurrentTransition, TransitionNotAllowed
from rest_framework import exceptions
from rest_framework.response import Response

from common.errors import DomainError, Problem, TooMany, finding
from common.parsing import BodyTooLarge

logger = logging.getLogger("baton.api")
CONTENT_TYPE = "application/problem+json"
READ_ONLY = "25006"  # SQLSTATE of a standby or of a server set to read only

_CODES = {
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "not_authenticated",
    exceptions.PermissionDenied: "not_allowed",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.ParseError: "malformed",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.Throttled: "too_many_requests",
}


class CsrfFailed(DomainError):
    """A request with a session cookie but without its CSRF token, or from another site (A08)."""

    code, status = "csrf_failed", 403
    text = gettext_lazy("Your session page is out of date. Reload the page and try again.")


def problem(status: int, code: str, detail: str, **members: Any) -> dict[str, Any]:
    """A problem document; members that are None are left out."""
    title = HTTPStatus(status).phrase
    extra = {key: value for key, value in members.items() if value is not None}
    return {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        **extra,
    }


def field_errors(detail: Any, path: str = "") -> Iterator[Problem]:
    """DRF's nested validation errors as flat findings {path, code, message}."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            if isinstance(key, int):  # a list's element
                yield from field_errors(inner, f"{path}[{key}]")
                continue
            name = "" if key == "non_field_errors" else str(key)
            yield from field_errors(inner, f"{path}.{name}" if path and name else path or name)
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, (dict, list))
            yield from field_errors(inner, f"{path}[{index}]" if nested else path)
    else:
        yield finding(path, str(getattr(detail, "code", "invalid")), str(detail))


def _document(error: Exception) -> dict[str, Any] | None:
    if isinstance(error, DomainError):
        return problem(error.status, error.code, error.detail, errors=error.errors, **error.extra)
    if isinstance(error, exceptions.ValidationError):
        detail = _("Some of the values are not valid. See the errors for what to correct.")
        unknown = any(found["code"] == "unknown_key" for found in field_errors(error.detail))
        return problem(400 if unknown else 422, "invalid", detail, errors=list(field_errors(error.detail)))
    if isinstance(error, (Http404, exceptions.NotFound)):
        return problem(404, "not_found", _("There is nothing here, or you may not see it."))
    if isinstance(error, PermissionDenied):
        return problem(403, "not_allowed", _("You may see this, but you may not do that."))
    if isinstance(error, (TransitionNotAllowed, ConcurrentTransition)):
        return problem(409, "wrong_state", _("That is not possible in the state this is in now."))
    if isinstance(error, DataError):  # NUL, or a number out of the column's range: no row can have it
        return problem(422, "invalid", _("Some of the values cannot be stored or searched for."))
    if isinstance(error, RecursionError):
        return problem(400, "malformed", _("Nested too deeply."))
    if isinstance(error, RequestDataTooBig):
        return _document(BodyTooLarge())
    if isinstance(error, SuspiciousOperation):
        return problem(400, "malformed", _("This request cannot be understood."))
    if isinstance(error, OperationalError):
        logger.error("api.database_unavailable", exc_info=error)
        return problem(503, "database_unavailable", _("The database does not answer. Nothing was changed; try again."))
    if isinstance(error, InternalError) and getattr(error.__cause__, "sqlstate", "") == READ_ONLY:
        logger.error("api.database_read_only", exc_info=error)
        return problem(503, "database_unavailable", _("The database takes no changes now. Try again later."))
    if isinstance(error, exceptions.APIException):
        code = next((c for kind, c in _CODES.items() if isinstance(error, kind)), "error")
        return problem(error.status_code, code, str(error.detail))
    return None


def respond(document: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """A DRF response that carries a problem document."""
    return Response(document, status=document["status"], headers=headers, content_type=CONTENT_TYPE)


def handle(error: Exception, context: dict[str, Any]) -> Response:  # noqa: ARG001 (DRF's signature)
    """DRF's exception handler. A bug becomes a 500 that shows only an id, which is in the log too (A48)."""
    document = _document(error)
    if document is None:
        reference = uuid.uuid4().hex[:12]
        logger.error("api.bug", extra={"reference": reference}, exc_info=error)
        text = _("Something went wrong on our side. Tell your administrator this number: %(id)s.")
        document = problem(500, "internal_error", text % {"id": reference})
    headers = {}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, exceptions.APIException) and getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    return respond(document, headers)


def plain(document: dict[str, Any]) -> HttpResponse:
    """A response with a problem document, outside DRF."""
    return JsonResponse(document, status=document["status"], content_type=CONTENT_TYPE)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """The response when Django's CSRF middleware refuses a request."""
    return plain(problem(CsrfFailed.status, CsrfFailed.code, str(CsrfFailed.text)))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """The response when Django refuses a request before a view is chosen."""
    if isinstance(exception, DisallowedHost):
        return plain(problem(400, "wrong_host", _("This server does not answer to that host name.")))
    return plain(problem(400, "malformed", _("This request cannot be understood.")))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """The response for an unknown path under /api/."""
    return plain(problem(404, "not_found", _("There is nothing here, or you may not see it.")))


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The response for a bug outside DRF."""
    return plain(problem(500, "internal_error", _("Something went wrong on our side.")))
