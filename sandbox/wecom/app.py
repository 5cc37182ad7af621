"""Put the parts together."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from sandbox.web.security import SecurityHeaders
from sandbox.wecom import control
from sandbox.wecom.api.dispatch import dispatch
from sandbox.wecom.callbacks.crypto import CallbackCrypto
from sandbox.wecom.directory import read_directory
from sandbox.wecom.journal import Journal
from sandbox.wecom.settings import Settings
from sandbox.wecom.store import open_store
from sandbox.wecom.world import World


def build_world(settings: Settings) -> World:
    """Raises StartError for a directory or a file that cannot be used."""
    store = open_store(settings.home / "wecom.sqlite3")
    return World(
        settings=settings,
        directory=read_directory(settings.directory),
        store=store,
        journal=Journal(store),
        crypto=CallbackCrypto(settings.token, settings.aes_key, settings.corp_id),
    )


def build_app(world: World) -> Starlette:
    app = Starlette(
        routes=[
            Route("/cgi-bin/{path:path}", dispatch, methods=["GET", "POST"]),
            *control.ROUTES,
        ],
        middleware=[Middleware(SecurityHeaders, image_origins=world.settings.trusted_origins)],
    )
    app.state.world = world
    return app
