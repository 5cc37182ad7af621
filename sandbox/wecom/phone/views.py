"""The phone page, the state that it polls, and the links that it opens."""

import json
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.web.database import Row
from sandbox.web.language import language_of, remember, words_in
from sandbox.wecom import chats
from sandbox.wecom.api.media import download, live_media
from sandbox.wecom.directory import Member
from sandbox.wecom.errors import ApiError
from sandbox.wecom.links import FILE, links_of
from sandbox.wecom.login import PHONE_COOKIE
from sandbox.wecom.phone.page import phone_page
from sandbox.wecom.rich import lines_of
from sandbox.wecom.words import PHONE
from sandbox.wecom.world import World

AUTHORIZE = "/connect/oauth2/authorize"
ON_THE_WIRE = 14
ON_THE_PHONE = 100
IDENTITY_S = 60


def world_of(request: Request) -> World:
    world: World = request.app.state.world
    return world


def owner(request: Request) -> Member | None:
    return world_of(request).directory.member(request.path_params.get("userid", ""))


async def page(request: Request) -> Response:
    """The phone page, with or without a chosen member."""
    if "userid" in request.path_params and owner(request) is None:
        return RedirectResponse("/phone", 302)
    language = language_of(request)
    html = phone_page(world_of(request), owner(request), language, words_in(language, PHONE))
    response = HTMLResponse(html)
    remember(response, request)
    return response


async def state(request: Request) -> Response:
    """The state of the phone. `?since=` is the last revision seen; without a change, messages are left out."""
    world, member = world_of(request), owner(request)
    answer: dict[str, Any] = {"revision": str(world.revision), "unread": chats.unread(world)}
    answer["wire"] = world.journal.latest(ON_THE_WIRE)
    if member and request.query_params.get("since") != answer["revision"]:
        rows = [row for row in chats.copies_of(world, member.userid) if not row["recalled"]]
        answer["messages"] = [drawn(world, row) for row in rows[-ON_THE_PHONE:]]
        answer["dropped"] = chats.dropped(world, member.userid)
    return JSONResponse(answer)


def drawn(world: World, row: Row) -> dict[str, Any]:
    """A copy with parsed markup and with its links as URLs of this phone."""
    content = json.loads(row["content"])
    names = links_of(row["msgtype"], content)
    base = f"/phone/{quote(row['userid'])}/open"
    return {
        **chats.shown(world, row),
        "lines": lines_of(row["msgtype"], content),
        "open": {name: f"{base}?{urlencode({'msgid': row['msgid'], 'link': name})}" for name in names},
    }


async def seen(request: Request) -> Response:
    member = owner(request)
    if member:
        chats.mark_seen(world_of(request), member.userid)
    return Response(status_code=204)


async def open_link(request: Request) -> Response:
    """Open a link of a message as its reader, so that the login page does not ask for the member."""
    world, member = world_of(request), owner(request)
    row = chats.copy_of(world, member.userid, request.query_params.get("msgid", "")) if member else None
    if row is None or member is None:
        return PlainTextResponse("no such message", 404)
    links = links_of(row["msgtype"], json.loads(row["content"]))
    target = links.get(request.query_params.get("link", ""))
    if target is None:
        return PlainTextResponse("no such link", 404)
    if target.startswith(FILE):
        try:
            return download(live_media(world, target.removeprefix(FILE)))
        except ApiError:
            return PlainTextResponse("the file has expired", 410)
    response = RedirectResponse(as_member(target, member.userid), 302)
    response.set_cookie(PHONE_COOKIE, member.userid, max_age=IDENTITY_S, path="/connect", httponly=True, samesite="lax")
    return response


def as_member(url: str, userid: str) -> str:
    """Turn a link to a login page, ours or the platform's, into our silent login; keep other links."""
    parts = urlsplit(url)
    if parts.path != AUTHORIZE:
        return url
    return f"{AUTHORIZE}?{parts.query}&{urlencode({'sandbox_user': userid})}"


ROUTES = [
    Route("/phone", page, methods=["GET"]),
    Route("/phone/state", state, methods=["GET"]),
    Route("/phone/{userid}", page, methods=["GET"]),
    Route("/phone/{userid}/state", state, methods=["GET"]),
    Route("/phone/{userid}/seen", seen, methods=["POST"]),
    Route("/phone/{userid}/open", open_link, methods=["GET"]),
]
