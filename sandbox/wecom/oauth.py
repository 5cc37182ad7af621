"""Login codes: made by the login pages, used once by auth/getuserinfo."""

import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sandbox.wecom.settings import origin_of
from sandbox.wecom.world import World

CODE_LIFETIME_S = 5 * 60
PRIVATE_SCOPE = "snsapi_privateinfo"
SCOPES = {"snsapi_base", PRIVATE_SCOPE}
# A visitor who scans the code without being a member; "~" cannot begin a real userid.
EXTERNAL = "~external"


def trusted(world: World, redirect_uri: str) -> bool:
    return origin_of(redirect_uri) in world.settings.trusted_origins


def issue_oauth_code(world: World, userid: str, scope: str) -> str:
    code = secrets.token_urlsafe(48)
    world.store.run(
        "INSERT INTO oauth_code (code, userid, scope, created_at) VALUES (?, ?, ?, ?)",
        code, userid, scope, world.now(),
    )  # fmt: skip
    world.journal.write("oauth", userid=userid, scope=scope)
    return code


def with_query(url: str, extra: dict[str, str]) -> str:
    """The URL with extra query parameters; its fragment is dropped."""
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *extra.items()])
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))
