"""Views that read what they need together with the caller (accounts.fragments)."""

from contextlib import suppress
from typing import Any, cast

import orjson
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.fragments import Fragment, read
from accounts.models import User
from common.errors import DomainError


class ReadsBeside(APIView):
    """A view whose GET needs a fragment. Callers with a token are known before, so theirs is a second statement.

    reads_on: the method that needs it.
    """

    reads_on = "GET"

    def fragment(self, request: Request) -> Fragment | None:
        """What to read for this request, if anything. May raise what a bad query raises: `get` raises it again."""
        raise NotImplementedError

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Give the fragment to the session before it is loaded."""
        if request.method == self.reads_on:
            with suppress(ValidationError, DomainError):  # who may not ask at all learns that first
                request._request.session.beside = self.fragment(request)  # type: ignore[attr-defined]
        super().initial(request, *args, **kwargs)

    def found(self, request: Request) -> Any:
        """The value of the fragment for the authenticated caller; None without a fragment."""
        session: Any = request._request.session
        if session.beside is None:
            return None
        found = self.found_before(request)
        return read(session.beside, cast(User, request.user)) if found is None else found

    @staticmethod
    def found_before(request: Request) -> Any:
        """The same, or None if it was not read together with the session."""
        session: Any = request._request.session
        return orjson.loads(session.found) if session.found is not None and session.user == request.user else None
