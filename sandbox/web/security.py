"""Security headers of all responses, and refusal of cross-site writes."""

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class SecurityHeaders:
    """A strict content policy (an answer may set its own), and no cross-site writes."""

    def __init__(self, app: ASGIApp, image_origins: frozenset[str] = frozenset()) -> None:
        # A content policy cannot name an IPv6 address.
        named = sorted(origin for origin in image_origins if "[" not in origin)
        images = " ".join(["'self'", "data:", *named])
        self.app = app
        self.policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; "
            f"img-src {images}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] not in SAFE_METHODS and (b"sec-fetch-site", b"cross-site") in scope["headers"]:
            await JSONResponse({"error": "cross-site request refused"}, 403)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", self.policy)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)
