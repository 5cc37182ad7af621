"""Call the API as a person, through the real URL table."""

from typing import TYPE_CHECKING, Any, TypeAlias

from django.test import Client

from accounts.commands import create_token
from tests.factories import user

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

Answer: TypeAlias = "_MonkeyPatchedWSGIResponse"  # of Django's test client: a response that also has `json()`
BACKEND = "accounts.backends.PasswordBackend"


class Api:
    """One browser; not logged in without a name."""

    def __init__(self, who: str | None = None, language: str = "en", **options: Any) -> None:
        self.client = Client(raise_request_exception=False, headers={"accept-language": language}, **options)
        if who:
            self.client.force_login(user(who), backend=BACKEND)

    def get(self, path: str, **query: Any) -> Answer:
        """GET /api/v1/{path}."""
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """POST JSON."""
        return self.send("POST", path, {} if body is None else body, **headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send any method, with JSON."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = "" if body is None else body
        return self.client.generic(
            method, f"/api/v1/{path}", data=data if isinstance(data, (str, bytes)) else _json(data),
            content_type="application/json", headers=named,
        )  # fmt: skip


def browser(who: str) -> tuple[Client, dict[str, str]]:
    """A client that checks CSRF like a real browser, and the headers that our page sends."""
    client = Client(raise_request_exception=False, enforce_csrf_checks=True, headers={"accept-language": "en"})
    client.force_login(user(who), backend=BACKEND)
    secret = "x" * 32
    client.cookies["csrftoken"] = secret
    return client, {"X-CSRFToken": secret}


def script(who: str) -> tuple[Client, dict[str, str]]:
    """A script with its own token, and the headers that it sends."""
    _token, secret = create_token(user=user(who), name="script", expires_at=None)
    client = Client(raise_request_exception=False, enforce_csrf_checks=True, headers={"accept-language": "en"})
    return client, {"Authorization": f"Bearer {secret}"}


def _json(body: Any) -> str:
    import json

    return json.dumps(body)


def codes(answer: Answer) -> set[tuple[str, str]]:
    """(path, code) of every finding of a refusal."""
    return {(error["path"], error["code"]) for error in answer.json().get("errors", [])}
