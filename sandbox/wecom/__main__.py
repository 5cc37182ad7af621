"""`python -m sandbox.wecom`: serve until SIGINT or SIGTERM."""

import os
import sys

from sandbox.web.serve import claim_port, run, serve_http
from sandbox.wecom.app import build_app, build_world
from sandbox.wecom.settings import read_settings


async def program() -> None:
    settings = read_settings(os.environ)
    claim_port(settings.host, settings.port, "SANDBOX_PORT")
    world = build_world(settings)
    sys.stdout.write(
        f"WeCom sandbox on http://{settings.host}:{settings.port}/phone "
        f"(corp {settings.corp_id}; its keys are test-only and open nothing real)\n"
    )
    sys.stdout.flush()
    await serve_http(build_app(world), settings.host, settings.port)
    world.store.close()


if __name__ == "__main__":
    run(program, "sandbox.wecom")
