"""Settings of the mailbox, from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.web import environment
from sandbox.web.errors import StartError


@dataclass(frozen=True)
class Settings:
    host: str
    http_port: int
    smtp_port: int
    home: Path


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Raises StartError naming the first variable that is missing or wrong."""
    settings = Settings(
        host=environ.get("MAILBOX_HOST", "").strip() or "127.0.0.1",
        http_port=environment.port(environ, "MAILBOX_HTTP_PORT", 8002),
        smtp_port=environment.port(environ, "MAILBOX_SMTP_PORT", 8003),
        home=environment.folder(environ, "MAILBOX_HOME"),
    )
    if settings.http_port == settings.smtp_port:
        raise StartError("MAILBOX_HTTP_PORT and MAILBOX_SMTP_PORT must differ")
    return settings
