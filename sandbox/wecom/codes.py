"""Response codes: each is valid for one update, within 72 hours."""

import secrets

from sandbox.wecom.errors import RESPONSE_CODE_REFUSED, ApiError
from sandbox.wecom.world import World

LIFETIME_S = 72 * 3600


def issue_code(world: World, msgid: str, origin: str, userid: str | None = None) -> str:
    """`origin` is send or click."""
    code = secrets.token_urlsafe(32)
    world.store.run(
        "INSERT INTO response_code (code, msgid, origin, userid, created_at) VALUES (?, ?, ?, ?, ?)",
        code, msgid, origin, userid, world.now(),
    )  # fmt: skip
    return code


def message_of_code(world: World, code: str) -> str:
    """The msgid of a valid code. Raises ApiError for any other code."""
    row = world.store.one("SELECT * FROM response_code WHERE code = ?", code)
    if row is None or row["used_at"] is not None or world.now() - row["created_at"] > LIFETIME_S:
        raise ApiError(RESPONSE_CODE_REFUSED, "response_code is used, expired or unknown")
    return str(row["msgid"])


def use_code(world: World, code: str) -> None:
    world.store.run("UPDATE response_code SET used_at = ? WHERE code = ?", world.now(), code)
