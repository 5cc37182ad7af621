"""`python -m sandbox.mailbox`: serve until SIGINT or SIGTERM."""

import os
import sys

from sandbox.mailbox.app import build_app
from sandbox.mailbox.settings import read_settings
from sandbox.mailbox.smtp import Sink, listen
from sandbox.mailbox.store import MailStore
from sandbox.web.serve import claim_port, run, serve_http


async def program() -> None:
    settings = read_settings(os.environ)
    claim_port(settings.host, settings.http_port, "MAILBOX_HTTP_PORT")
    store = MailStore(settings.home / "mailbox.sqlite3")
    app = build_app(settings, store)
    smtp = await listen(Sink(store, lambda: app.state.faults), settings.host, settings.smtp_port)
    sys.stdout.write(f"Mailbox on http://{settings.host}:{settings.http_port}, SMTP on port {settings.smtp_port}\n")
    sys.stdout.flush()
    await serve_http(app, settings.host, settings.http_port)
    smtp.close()
    store.close()


if __name__ == "__main__":
    run(program, "sandbox.mailbox")
