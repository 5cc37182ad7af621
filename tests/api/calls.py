"""Calling the API as somebody, through the real URL table."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.commands import create_token
from tests.factories import user

BACKEND = "accounts.backends.PasswordBackend"


class Api:
    """One browser. Nobody is logged in where no name is given."""

    def __init__(self, who: str | None = None, language: str = "en", **options: Any) -> None:
        self.client = Client(raise_request_exception=False, headers={"accept-language": language}, **options)
        if who:
            self.client.force_login(user(who), backend=BACKEND)

    def get(self, path: str, **query: Any) -> HttpResponse:
        """GET /api/v1/{path}."""
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """POST JSON."""
        return self.send("POST", path, {} if body is None else body, **headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """Any method, JSON."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = "" if body is None else body
        return self.client.generic(
            method, f"/api/v1/{path}", data=data if isinstance(data, (str, bytes)) else _json(data),
            content_type="application/json", headers=named,
        )  # fmt: skip


def browser(who: str) -> tuple[Client, dict[str, str]]:
    """Somebody's real browser, which checks what a page must send; and the headers that its page does send."""
    client = Client(raise_request_exception=False, enforce_csrf_checks=True, headers={"accept-language": "en"})
    client.force_login(user(who), backend=BACKEND)
    secret = "x" * 32
    client.cookies["csrftoken"] = secret
    return client, {"X-CSRFToken": secret}


def script(who: str) -> tuple[Client, dict[str, str]]:
    """Somebody's script, with a token of its own; and the headers that it sends."""
    _token, secret = create_token(user=user(who), name="script", expires_at=None)
    client = Client(raise_request_exception=False, enforce_csrf_checks=True, headers={"accept-language": "en"})
    return client, {"Authorization": f"Bearer {secret}"}


def _json(body: Any) -> str:
    import json

    return json.dumps(body)


def codes(answer: HttpResponse) -> set[tuple[str, str]]:
    """(path, code) of every finding of a refusal."""
    return {(error["path"], error["code"]) for error in answer.json().get("errors", [])}
