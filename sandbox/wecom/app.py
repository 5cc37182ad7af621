"""Assembly of the sandbox application."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.web.page import WEB_STATIC
from sandbox.web.security import SecurityHeaders
from sandbox.wecom import control, login
from sandbox.wecom.api.dispatch import dispatch
from sandbox.wecom.callbacks.crypto import CallbackCrypto
from sandbox.wecom.directory import read_directory
from sandbox.wecom.journal import Journal
from sandbox.wecom.phone import views
from sandbox.wecom.settings import Settings
from sandbox.wecom.store import open_store
from sandbox.wecom.world import World


def build_world(settings: Settings) -> World:
    """Build the world. Raises StartError if the directory or the database file cannot be used."""
    store = open_store(settings.home / "wecom.sqlite3")
    return World(
        settings=settings,
        directory=read_directory(settings.directory),
        store=store,
        journal=Journal(store),
        crypto=CallbackCrypto(settings.token, settings.aes_key, settings.corp_id),
    )


async def home(request: Request) -> Response:
    del request
    return RedirectResponse("/phone")


def build_app(world: World) -> Starlette:
    app = Starlette(
        routes=[
            Route("/cgi-bin/{path:path}", dispatch, methods=["GET", "POST"]),
            *control.ROUTES,
            *login.ROUTES,
            *views.ROUTES,
            Mount("/static/web", StaticFiles(directory=WEB_STATIC)),
            Mount("/static/wecom", StaticFiles(directory=Path(__file__).parent / "phone" / "static")),
            Route("/", home, methods=["GET"]),
        ],
        middleware=[Middleware(SecurityHeaders, image_origins=world.settings.trusted_origins)],
    )
    app.state.world = world
    return app
