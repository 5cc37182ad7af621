"""The login pages: inside WeCom (/connect) and on a desktop (/wwlogin). Both give a code for one use."""

import re

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.web.html import Markup, tag
from sandbox.web.language import language_of, remember, words_in
from sandbox.web.page import document
from sandbox.wecom.oauth import EXTERNAL, SCOPES, issue_oauth_code, trusted, with_query
from sandbox.wecom.people import avatar
from sandbox.wecom.words import LOGIN
from sandbox.wecom.world import World

# Set for one minute when a member opens a link on the phone: the login that follows is for that member.
PHONE_COOKIE = "sandbox_phone_user"
STATE = re.compile(r"[0-9A-Za-z]{0,128}")


class LoginRefused(Exception):
    """The login is refused: the platform's errcode and the key of the explanation for the error page."""

    def __init__(self, errcode: int, word: str) -> None:
        super().__init__(errcode, word)
        self.errcode, self.word = errcode, word


def check_query(world: World, request: Request) -> None:
    """Check the parameters that both pages need. Raises LoginRefused."""
    query = request.query_params
    if query.get("appid") != world.settings.corp_id:
        raise LoginRefused(40013, "bad_appid")
    if not trusted(world, query.get("redirect_uri", "")):
        raise LoginRefused(50001, "bad_redirect")
    if not STATE.fullmatch(query.get("state", "")):
        raise LoginRefused(40063, "bad_state")


def check_agent(world: World, request: Request) -> None:
    if request.query_params.get("agentid") != str(world.settings.agent_id):
        raise LoginRefused(40056, "bad_agent")


def check_inside(world: World, request: Request) -> str:
    """Check a login inside WeCom; return the scope. Raises LoginRefused."""
    check_query(world, request)
    scope = request.query_params.get("scope", "")
    if request.query_params.get("response_type") != "code" or scope not in SCOPES:
        raise LoginRefused(40063, "bad_scope")
    if "agentid" in request.query_params or scope != "snsapi_base":
        check_agent(world, request)
    return scope


async def authorize(request: Request) -> Response:
    """Log in silently as the member in `sandbox_user` or in the phone's cookie; else show a list of members."""
    world: World = request.app.state.world
    try:
        scope = check_inside(world, request)
    except LoginRefused as refused:
        return refusal_page(request, refused)
    return answer(request, scope, request.query_params.get("sandbox_user") or request.cookies.get(PHONE_COOKIE, ""))


async def desk_login(request: Request) -> Response:
    """The page that shows a QR code on the real platform. It has no scopes, so a desktop gets no user_ticket."""
    world: World = request.app.state.world
    try:
        check_query(world, request)
        check_agent(world, request)
    except LoginRefused as refused:
        return refusal_page(request, refused)
    return answer(request, "snsapi_base", request.query_params.get("sandbox_user", ""))


def answer(request: Request, scope: str, userid: str) -> Response:
    world: World = request.app.state.world
    member = world.directory.member(userid)
    if member is None and userid != EXTERNAL:
        return picker_page(request)
    code = issue_oauth_code(world, member.userid if member else EXTERNAL, scope)
    return go_back(request, {"code": code})


def go_back(request: Request, extra: dict[str, str]) -> Response:
    query = request.query_params
    state = {"state": query["state"]} if "state" in query else {}
    return RedirectResponse(with_query(query["redirect_uri"], {**extra, **state}), 302)


def refusal_page(request: Request, refused: LoginRefused) -> Response:
    words = words_in(language_of(request), LOGIN)
    body = tag(
        "main",
        tag("p", str(refused.errcode), class_="errcode"),
        tag("h1", words["refused"]),
        tag("p", words[refused.word], class_="muted"),
        class_="sheet",
    )
    page = document(words["refused"], language_of(request), [body], styles=["/static/wecom/login.css"])
    return HTMLResponse(page, 400)


def picker_page(request: Request) -> Response:
    world: World = request.app.state.world
    words = words_in(language_of(request), LOGIN)
    rows = [
        person_link(request, member.userid, avatar(member.userid, member.name), member.name, member.userid)
        for member in world.directory.members.values()
        if world.visible(member.userid)
    ]
    rows.append(person_link(request, EXTERNAL, avatar("", "?"), words["visitor"], words["visitor_note"]))
    body = tag(
        "main",
        tag("h1", words["who"]),
        tag("p", words["why"], class_="muted"),
        tag("ul", rows, class_="people"),
        cancel_link(request, words["cancel"]),
        class_="sheet",
    )
    page = document(words["who"], language_of(request), [body], styles=["/static/wecom/login.css"])
    response = HTMLResponse(page)
    remember(response, request)
    return response


def person_link(request: Request, userid: str, face: Markup, name: str, note: str) -> Markup:
    target = str(request.url.include_query_params(sandbox_user=userid))
    text = tag("span", tag("b", name), tag("small", note), class_="who")
    return tag("li", tag("a", face, text, href=target, data_user=userid))


def cancel_link(request: Request, word: str) -> Markup:
    """A link that cancels the login: it goes back without a code."""
    query = request.query_params
    state = {"state": query["state"]} if "state" in query else {}
    return tag("a", word, href=with_query(query["redirect_uri"], state), class_="cancel")


ROUTES = [
    Route("/connect/oauth2/authorize", authorize, methods=["GET"]),
    Route("/wwlogin/sso/login", desk_login, methods=["GET"]),
    Route("/wwopen/sso/qrConnect", desk_login, methods=["GET"]),
]
