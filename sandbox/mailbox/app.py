"""The web application: pages for people, JSON for tests."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.mailbox.faults import Faults, SwitchError, build_faults
from sandbox.mailbox.letter import read_letter
from sandbox.mailbox.pages import FRAME_RIGHTS, Shown, list_page, mail_page
from sandbox.mailbox.settings import Settings
from sandbox.mailbox.store import MailStore
from sandbox.mailbox.words import WORDS
from sandbox.web.database import Row
from sandbox.web.language import language_of, remember, words_in
from sandbox.web.page import WEB_STATIC
from sandbox.web.security import SecurityHeaders

# A mail's HTML may show text and its embedded pictures; it may not fetch, run or submit anything.
MAIL_POLICY = (
    f"sandbox {FRAME_RIGHTS}; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)


def store_of(request: Request) -> MailStore:
    store: MailStore = request.app.state.store
    return store


def mail_of(request: Request) -> Row | None:
    return store_of(request).get(request.path_params["id"])


def summary(mail: Row) -> dict[str, Any]:
    return {
        "id": mail["id"],
        "received_at": mail["received_at"],
        "from": mail["sender"],
        "to": json.loads(mail["recipients"]),
        "subject": read_letter(mail["raw"]).subject,
    }


async def messages(request: Request) -> Response:
    """GET: newest first, `?to=` one address. DELETE: all."""
    if request.method == "DELETE":
        store_of(request).clear()
        return Response(status_code=204)
    mails = store_of(request).newest(request.query_params.get("to", ""))
    return JSONResponse({"messages": [summary(mail) for mail in mails]})


async def message(request: Request) -> Response:
    mail = mail_of(request)
    if mail is None:
        return JSONResponse({"error": "no such mail"}, 404)
    letter = read_letter(mail["raw"])
    return JSONResponse(
        {
            **summary(mail),
            "headers": [list(header) for header in letter.headers],
            "text": letter.text,
            "html": letter.html,
            "links": letter.links,
            "attachments": [
                {"name": one.name, "content_type": one.content_type, "size": len(one.content)}
                for one in letter.attachments
            ],
        }
    )


async def faults(request: Request) -> Response:
    if request.method == "DELETE":
        request.app.state.faults = Faults(times=0)
    elif request.method == "POST":
        try:
            request.app.state.faults = build_faults(json.loads(await request.body() or b"{}"))
        except (ValueError, SwitchError) as error:
            return JSONResponse({"error": str(error)}, 400)
    return JSONResponse(asdict(request.app.state.faults))


async def mailbox(request: Request) -> Response:
    store, language = store_of(request), language_of(request)
    to = request.query_params.get("to", "")
    port = request.app.state.settings.smtp_port
    shown = Shown(store.newest(to), store.addresses(), to, store.last_id())
    page = list_page(shown, port, language, words_in(language, WORDS))
    response = HTMLResponse(page)
    remember(response, request)
    return response


async def one_mail(request: Request) -> Response:
    mail, language = mail_of(request), language_of(request)
    if mail is None:
        return RedirectResponse("/", 302)
    page = mail_page(mail, read_letter(mail["raw"]), language, words_in(language, WORDS))
    response = HTMLResponse(page)
    remember(response, request)
    return response


async def mail_html(request: Request) -> Response:
    mail = mail_of(request)
    if mail is None:
        return PlainTextResponse("no such mail", 404)
    page = '<base target="_blank">' + read_letter(mail["raw"]).html
    return HTMLResponse(page, headers={"Content-Security-Policy": MAIL_POLICY})


async def mail_file(request: Request) -> Response:
    mail = mail_of(request)
    found = read_letter(mail["raw"]).attachments if mail else []
    place = request.path_params["place"]
    if place >= len(found):
        return PlainTextResponse("no such attachment", 404)
    response = Response(found[place].content, media_type="application/octet-stream")
    name = found[place].name.translate({ord(character): None for character in '\r\n"\\'})
    response.raw_headers.append((b"content-disposition", f'attachment; filename="{name}"'.encode()))
    return response


async def latest(request: Request) -> Response:
    return JSONResponse({"last": store_of(request).last_id()})


async def healthz(request: Request) -> Response:
    del request
    return JSONResponse({"status": "ok"})


def build_app(settings: Settings, store: MailStore) -> Starlette:
    app = Starlette(
        routes=[
            Route("/", mailbox, methods=["GET"]),
            Route("/mail/{id:int}", one_mail, methods=["GET"]),
            Route("/mail/{id:int}/html", mail_html, methods=["GET"]),
            Route("/mail/{id:int}/file/{place:int}", mail_file, methods=["GET"]),
            Route("/mailbox/messages", messages, methods=["GET", "DELETE"]),
            Route("/mailbox/messages/{id:int}", message, methods=["GET"]),
            Route("/mailbox/faults", faults, methods=["GET", "POST", "DELETE"]),
            Route("/mailbox/latest", latest, methods=["GET"]),
            Route("/healthz", healthz, methods=["GET"]),
            Mount("/static/web", StaticFiles(directory=WEB_STATIC)),
            Mount("/static/mailbox", StaticFiles(directory=Path(__file__).parent / "static")),
        ],
        middleware=[Middleware(SecurityHeaders)],
    )
    app.state.settings, app.state.store, app.state.faults = settings, store, Faults(times=0)
    return app
