"""auth/getuserinfo and auth/getuserdetail."""

import secrets
from typing import Any

from sandbox.wecom.api.call import Call
from sandbox.wecom.errors import ApiError
from sandbox.wecom.oauth import CODE_LIFETIME_S, EXTERNAL, PRIVATE_SCOPE
from sandbox.wecom.world import World

TICKET_LIFETIME_S = 1800


async def get_user_info(world: World, call: Call) -> dict[str, Any]:
    row = world.store.one("SELECT * FROM oauth_code WHERE code = ?", call.param("code"))
    if row is None or row["used_at"] is not None:
        raise ApiError(40029)
    if world.now() - row["created_at"] > CODE_LIFETIME_S:
        raise ApiError(42003)
    world.store.run("UPDATE oauth_code SET used_at = ? WHERE code = ?", world.now(), row["code"])
    userid = row["userid"]
    call.facts["userid"] = userid
    if userid == EXTERNAL:
        return {"openid": "oSandboxVisitor", "external_userid": "wmSandboxVisitor"}
    if world.visible(userid) is None:
        raise ApiError(60021)
    if row["scope"] != PRIVATE_SCOPE:
        return {"userid": userid}
    ticket = secrets.token_urlsafe(64)
    world.store.run("INSERT INTO user_ticket VALUES (?, ?, ?)", ticket, userid, world.now())
    return {"userid": userid, "user_ticket": ticket, "expires_in": TICKET_LIFETIME_S}


async def get_user_detail(world: World, call: Call) -> dict[str, Any]:
    """Only the userid and an unknown gender, as if no member had agreed to show more."""
    row = world.store.one("SELECT * FROM user_ticket WHERE ticket = ?", call.text("user_ticket"))
    if row is None:
        raise ApiError(84015)
    if world.now() - row["created_at"] > TICKET_LIFETIME_S:
        raise ApiError(84014)
    return {"userid": row["userid"], "gender": "0"}
