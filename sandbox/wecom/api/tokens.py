"""gettoken, and the audience of a token."""

import hmac
import secrets
from typing import Any

from sandbox.wecom.api.call import Call
from sandbox.wecom.errors import ApiError
from sandbox.wecom.world import World

LIFETIME_S = 7200
APP, CONTACT = "app", "contact"


async def get_token(world: World, call: Call) -> dict[str, Any]:
    settings = world.settings
    if not call.param("corpid"):
        raise ApiError(41002)
    if not call.param("corpsecret"):
        raise ApiError(41004)
    if call.param("corpid") != settings.corp_id:
        raise ApiError(40013)
    for audience, secret in ((APP, settings.secret), (CONTACT, settings.contact_secret)):
        if hmac.compare_digest(call.param("corpsecret").encode(), secret.encode()):
            call.facts["audience"] = audience
            return {"access_token": current_token(world, audience), "expires_in": LIFETIME_S}
    raise ApiError(40001)


def current_token(world: World, audience: str) -> str:
    """The valid token of this audience, a new one if there is none."""
    row = world.store.one(
        "SELECT token FROM token WHERE audience = ? AND expires_at > ? ORDER BY expires_at DESC",
        audience, world.now(),
    )  # fmt: skip
    if row:
        return str(row["token"])
    token = secrets.token_urlsafe(96)
    world.store.run("INSERT INTO token VALUES (?, ?, ?)", token, audience, world.now() + LIFETIME_S)
    return token


def audience_of(world: World, token: str) -> str:
    """app or contact. Raises ApiError 41001, 40014 or 42001."""
    if not token:
        raise ApiError(41001)
    row = world.store.one("SELECT audience, expires_at FROM token WHERE token = ?", token)
    if row is None:
        raise ApiError(40014)
    if row["expires_at"] <= world.now():
        raise ApiError(42001)
    return str(row["audience"])


def expire_tokens(world: World) -> None:
    """Make all issued tokens answer 42001."""
    world.store.run("UPDATE token SET expires_at = 0")


def revoke_tokens(world: World) -> None:
    """Make all issued tokens answer 40014."""
    world.store.run("DELETE FROM token")
