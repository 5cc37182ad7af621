"""/sandbox/…: fault switches, journal and inboxes, for tests and for the phone page."""

import json
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.wecom import chats
from sandbox.wecom.api.tokens import expire_tokens, revoke_tokens
from sandbox.wecom.callbacks.sender import verify_url
from sandbox.wecom.faults import (
    Faults,
    SwitchError,
    build_callbacks,
    build_members,
    build_rule,
    flag,
    known,
    number,
)
from sandbox.wecom.press import NotPressableError, press, release_held
from sandbox.wecom.store import forget_everything
from sandbox.wecom.world import World

RULE = {"endpoint", "errcode", "http", "slow_s", "lost", "times"}
SWITCHES = RULE | {"down", "tokens", "clock_shift_s", "members", "callbacks", "reset"}
LIMITS = {"member_limit_per_min", "member_window_s"}
TOKEN_SWITCHES = {"expire": expire_tokens, "revoke": revoke_tokens}


def world_of(request: Request) -> World:
    world: World = request.app.state.world
    return world


def refusal(text: str, status: int) -> JSONResponse:
    return JSONResponse({"error": text}, status)


async def json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object; {} if it is empty. Raises SwitchError for anything else."""
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise SwitchError("the body is not JSON") from error
    if not isinstance(body, dict):
        raise SwitchError("the body must be a JSON object")
    return body


async def faults(request: Request) -> Response:
    world = world_of(request)
    if request.method == "DELETE":
        world.faults = Faults()
    elif request.method == "POST":
        try:
            set_faults(world, await json_object(request))
        except SwitchError as error:
            return refusal(str(error), 400)
    return JSONResponse({**asdict(world.faults), "held": len(world.held)})


def set_faults(world: World, body: dict[str, Any]) -> None:
    """Set one or more switches; a rule for an endpoint is added to the existing rules."""
    known(body, SWITCHES | LIMITS)
    if "tokens" in body and body["tokens"] not in TOKEN_SWITCHES:
        raise SwitchError("tokens must be expire or revoke")
    if body.get("reset"):
        world.faults = Faults()
    if "endpoint" in body:
        world.faults.rules.append(build_rule({k: v for k, v in body.items() if k in RULE}))
    elif RULE & body.keys():
        raise SwitchError("endpoint is missing")
    if "down" in body:
        world.faults.down = flag(body, "down")
    if "clock_shift_s" in body:
        world.faults.clock_shift_s = number(body, "clock_shift_s")
    if "members" in body:
        world.faults.members.update(build_members(body["members"]))
    if "member_limit_per_min" in body:
        world.faults.member_limit_per_min = number(body, "member_limit_per_min", None)
    if "member_window_s" in body:
        world.faults.member_window_s = number(body, "member_window_s")
    if "callbacks" in body:
        world.faults.callbacks = build_callbacks(body["callbacks"])
    if "tokens" in body:
        TOKEN_SWITCHES[body["tokens"]](world)


async def journal(request: Request) -> Response:
    since = request.query_params.get("since", "0")
    if not since.isdecimal():
        return refusal("since must be a whole number", 400)
    entries = world_of(request).journal.read(int(since), request.query_params.get("kind", ""))
    return JSONResponse({"entries": entries})


async def forget(request: Request) -> Response:
    world = world_of(request)
    world.faults = Faults()
    world.held.clear()
    forget_everything(world.store)
    world.changed()
    return JSONResponse({"ok": True})


async def inbox(request: Request) -> Response:
    world = world_of(request)
    member = world.directory.member(request.path_params["userid"])
    if member is None:
        return refusal("no such member", 404)
    rows = chats.copies_of(world, member.userid)
    return JSONResponse({"userid": member.userid, "messages": [chats.shown(world, row) for row in rows]})


async def press_button(request: Request) -> Response:
    """`{msgid, key, selected?: {question_key: [option id]}}` → `{ok, attempts, error}`."""
    world = world_of(request)
    member = world.directory.member(request.path_params["userid"])
    if member is None:
        return refusal("no such member", 404)
    try:
        body = await json_object(request)
        selected = selection(body.get("selected", {}))
        pressed = await press(world, member.userid, str(body.get("msgid")), str(body.get("key")), selected)
    except SwitchError as error:
        return refusal(str(error), 400)
    except NotPressableError as error:
        return JSONResponse({"ok": False, "attempts": 0, "error": f"not_pressable: {error}"}, 409)
    return JSONResponse(asdict(pressed))


def selection(value: Any) -> dict[str, list[str]]:
    if not isinstance(value, dict) or not all(isinstance(chosen, list) for chosen in value.values()):
        raise SwitchError("selected maps each question_key to a list of option ids")
    return {str(question): [str(one) for one in chosen] for question, chosen in value.items()}


async def verify(request: Request) -> Response:
    return JSONResponse(await verify_url(world_of(request)))


async def release(request: Request) -> Response:
    """Deliver the held events, oldest first, or newest first with `{"order": "newest_first"}`."""
    try:
        body = await json_object(request)
    except SwitchError as error:
        return refusal(str(error), 400)
    results = await release_held(world_of(request), newest_first=body.get("order") == "newest_first")
    return JSONResponse({"results": [asdict(one) for one in results]})


async def healthz(request: Request) -> Response:
    del request
    return JSONResponse({"status": "ok"})


ROUTES = [
    Route("/sandbox/faults", faults, methods=["GET", "POST", "DELETE"]),
    Route("/sandbox/journal", journal, methods=["GET"]),
    Route("/sandbox/forget", forget, methods=["POST"]),
    Route("/sandbox/inbox/{userid}", inbox, methods=["GET"]),
    Route("/sandbox/inbox/{userid}/press", press_button, methods=["POST"]),
    Route("/sandbox/callbacks/verify", verify, methods=["POST"]),
    Route("/sandbox/callbacks/release", release, methods=["POST"]),
    Route("/healthz", healthz, methods=["GET"]),
]
