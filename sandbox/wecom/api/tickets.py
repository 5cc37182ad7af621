"""JS-SDK tickets. The sandbox has no WeCom client, so signatures made with them are not checked."""

import hashlib
from typing import Any

from sandbox.wecom.api.call import Call
from sandbox.wecom.errors import ApiError
from sandbox.wecom.world import World

LIFETIME_S = 7200


def ticket(world: World, purpose: str) -> dict[str, Any]:
    """The same value for a whole period, so that tests can see caching."""
    period = int(world.now() // LIFETIME_S)
    seed = f"{world.settings.secret}|{purpose}|{period}"
    return {"ticket": hashlib.sha256(seed.encode()).hexdigest(), "expires_in": LIFETIME_S}


async def corp_ticket(world: World, call: Call) -> dict[str, Any]:
    del call
    return ticket(world, "corp")


async def agent_ticket(world: World, call: Call) -> dict[str, Any]:
    if call.param("type") != "agent_config":
        raise ApiError(40005, "type")
    return ticket(world, "agent")
