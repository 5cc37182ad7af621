"""From a path under /cgi-bin/ to its handler: faults first, then token, then the call, then the journal."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.wecom.api import contacts, identity, media, messages, tickets, updates
from sandbox.wecom.api.call import Call, read_call
from sandbox.wecom.api.tokens import APP, CONTACT, audience_of, get_token
from sandbox.wecom.errors import ApiError, error_answer
from sandbox.wecom.faults import Rule
from sandbox.wecom.journal import without_secrets
from sandbox.wecom.world import World

Handler = Callable[[World, Call], Awaitable[dict[str, Any] | Response]]


@dataclass(frozen=True)
class Endpoint:
    """`audiences`: the kinds of token accepted; empty for a call without token. `refusal`: errcode for other tokens."""

    method: str
    handler: Handler
    audiences: tuple[str, ...] = (APP,)
    refusal: int = 48009


async def callback_ips(world: World, call: Call) -> dict[str, Any]:
    del world, call
    return {"ip_list": ["127.0.0.1"]}


ENDPOINTS = {
    "gettoken": Endpoint("GET", get_token, ()),
    "getcallbackip": Endpoint("GET", callback_ips, (APP, CONTACT)),
    "get_jsapi_ticket": Endpoint("GET", tickets.corp_ticket),
    "ticket/get": Endpoint("GET", tickets.agent_ticket),
    "agent/get": Endpoint("GET", contacts.agent_get, refusal=301002),
    "message/send": Endpoint("POST", messages.send, refusal=301002),
    "message/recall": Endpoint("POST", messages.recall, refusal=301002),
    "message/update_template_card": Endpoint("POST", updates.update_template_card, refusal=301002),
    "auth/getuserinfo": Endpoint("GET", identity.get_user_info),
    "auth/getuserdetail": Endpoint("POST", identity.get_user_detail),
    "user/get": Endpoint("GET", contacts.user_get),
    "user/list": Endpoint("GET", contacts.user_list),
    "user/simplelist": Endpoint("GET", contacts.user_simplelist),
    "user/list_id": Endpoint("POST", contacts.user_list_id, (CONTACT,), refusal=48002),
    "department/list": Endpoint("GET", contacts.department_list),
    "department/simplelist": Endpoint("GET", contacts.department_simplelist, (APP, CONTACT)),
    "department/get": Endpoint("GET", contacts.department_get),
    "tag/list": Endpoint("GET", contacts.tag_list),
    "tag/get": Endpoint("GET", contacts.tag_get),
    "media/upload": Endpoint("POST", media.upload),
    "media/get": Endpoint("GET", media.get_media),
}


async def dispatch(request: Request) -> Response:
    world: World = request.app.state.world
    path = request.path_params["path"]
    endpoint = ENDPOINTS.get(path)
    if endpoint is None:
        return PlainTextResponse("no such API", 404)
    if world.faults.down:
        return PlainTextResponse("the sandbox plays dead", 503)
    rule = world.faults.take(path) or Rule(path)
    if rule.slow_s:
        await asyncio.sleep(rule.slow_s)
    fault = fault_answer(rule, caller_ip(request))
    if fault and not rule.lost:
        world.journal.write("api", endpoint=path, status=fault.status_code, errcode=rule.errcode, fault=True)
        return fault
    answer = await perform(world, endpoint, request, path, lost=fault is not None)
    return fault or answer


def fault_answer(rule: Rule, ip: str) -> Response | None:
    if rule.http is not None:
        return PlainTextResponse("error on purpose", int(rule.http))
    if rule.errcode is not None:
        return JSONResponse(error_answer(rule.errcode, "", ip))
    return None


def caller_ip(request: Request) -> str:
    return request.client.host if request.client else "unknown"


async def perform(world: World, endpoint: Endpoint, request: Request, path: str, *, lost: bool) -> Response:
    call = Call(path, dict(request.query_params), b"", "", caller_ip(request))
    try:
        require_access(world, endpoint, call, request.method)
        call = await read_call(request, path)
        result = await endpoint.handler(world, call)
    except ApiError as error:
        detail = " ".join(filter(None, [error.detail, call.warning]))
        result = error_answer(error.errcode, detail, call.ip)
    if isinstance(result, Response):
        note(world, call, {"errcode": 0}, lost=lost)
        return result
    answer = {"errcode": 0, "errmsg": f"ok {call.warning}".strip(), **result}
    note(world, call, answer, lost=lost)
    return JSONResponse(answer)


def require_access(world: World, endpoint: Endpoint, call: Call, method: str) -> None:
    if endpoint.audiences and audience_of(world, call.param("access_token")) not in endpoint.audiences:
        raise ApiError(endpoint.refusal)
    if method != endpoint.method:
        raise ApiError(43001 if endpoint.method == "GET" else 43002)


def note(world: World, call: Call, answer: dict[str, Any], *, lost: bool) -> None:
    world.journal.write(
        "api",
        endpoint=call.endpoint,
        query=without_secrets(call.params),
        body=without_secrets(call.body),
        status=200,
        errcode=answer["errcode"],
        response=without_secrets(answer),
        lost=lost,
        **call.facts,
    )
