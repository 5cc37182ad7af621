"""The SMTP server: accepts all mails for all addresses."""

import asyncio
import errno
import time
from collections.abc import Callable

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.mailbox.faults import Faults
from sandbox.mailbox.store import MailStore
from sandbox.web.errors import StartError

SIZE_MAX = 32 * 1024 * 1024


class Sink:
    """aiosmtpd handler. It reads the faults for each mail, so that they can change while it runs."""

    def __init__(self, store: MailStore, faults: Callable[[], Faults]) -> None:
        self._store = store
        self._faults = faults

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session
        faults = self._faults()
        if faults.active() and faults.code and faults.at == "rcpt":
            faults.used()
            return faults.reply() or ""
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        del session
        faults = self._faults()
        active = faults.active() and faults.at == "data"
        if active:
            faults.used()
            await asyncio.sleep(faults.slow_s)
        if active and faults.code:
            return faults.reply() or ""
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        number = self._store.add(time.time(), envelope.mail_from or "", envelope.rcpt_tos, raw)
        if active and faults.drop and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return f"250 OK mail {number}"


async def listen(sink: Sink, host: str, port: int) -> asyncio.Server:
    """Raises StartError when the port is taken."""
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(sink, hostname="mailbox.sandbox", ident="sandbox", enable_SMTPUTF8=True, data_size_limit=SIZE_MAX)

    try:
        return await loop.create_server(session, host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StartError(f"port {port} is taken; set MAILBOX_SMTP_PORT to a free one") from error
        raise StartError(f"cannot listen on {host}:{port}: {error.strerror}") from error
