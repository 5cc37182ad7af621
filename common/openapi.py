"""How the OpenAPI schema is generated: names from paths, one shape for every error, the two ways to log in."""

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from common.schema import ProblemOutput


class Schema(AutoSchema):
    """Names `GET tickets/{number}/events` `get_tickets_number_events`; declares every error as a problem document."""

    def get_operation_id(self) -> str:
        """The method and the words of the path."""
        words = self.path.removeprefix("/api/v1/").replace("{", "").replace("}", "").replace("/", "_")
        return f"{self.method.lower()}_{words}".replace("-", "_")

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        if direction == "response":
            problem = self._get_response_for_code(ProblemOutput, "default", ["application/problem+json"])
            bodies["default"] = problem | {"description": "Every error."}
        return bodies


class BearerScheme(OpenApiAuthenticationExtension):
    """Bearer tokens, for scripts."""

    target_class = "accounts.access.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002 (the library's signature)
        """A bearer token."""
        return {"type": "http", "scheme": "bearer"}


class CookieScheme(OpenApiAuthenticationExtension):
    """Session cookies, for browsers."""

    target_class = "accounts.access.authentication.CookieAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002 (the library's signature)
        """The session cookie."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
