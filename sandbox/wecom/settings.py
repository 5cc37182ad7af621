"""Settings of the WeCom sandbox, from the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.web import environment
from sandbox.web.errors import StartError

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
CORP_ID = re.compile(r"w[wx][0-9A-Za-z]{4,62}")
CALLBACK_TOKEN = re.compile(r"[0-9A-Za-z]{1,32}")
AES_KEY = re.compile(r"[0-9A-Za-z]{43}")


@dataclass(frozen=True)
class Settings:
    """Checked settings. An empty `callback_url` means an application without a callback URL (43012)."""

    host: str
    port: int
    home: Path
    directory: Path
    callback_url: str
    trusted_origins: frozenset[str]
    corp_id: str
    agent_id: int
    secret: str
    token: str
    aes_key: str
    contact_secret: str
    app_name: str = "接力 Baton"
    callback_timeout_s: float = 5.0
    callback_pause_s: float = 0.5


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Raises StartError naming the first variable that is missing or wrong."""
    refuse_real_wecom(environ.get("WECOM_API_BASE", ""))
    settings = Settings(
        host=environ.get("SANDBOX_HOST", "").strip() or "127.0.0.1",
        port=environment.port(environ, "SANDBOX_PORT", 8001),
        home=environment.folder(environ, "SANDBOX_HOME"),
        directory=Path(environment.required(environ, "SANDBOX_DIRECTORY")),
        callback_url=callback_url(environ),
        trusted_origins=same_origins(environment.required(environ, "SANDBOX_TRUSTED_ORIGIN")),
        corp_id=matching(environ, "WECOM_CORP_ID", CORP_ID, "ww and at least 4 letters or digits"),
        agent_id=int(matching(environ, "WECOM_AGENT_ID", re.compile(r"[1-9][0-9]{0,9}"), "a whole number")),
        secret=environment.required(environ, "WECOM_SECRET"),
        token=matching(environ, "WECOM_TOKEN", CALLBACK_TOKEN, "1 to 32 letters or digits"),
        aes_key=matching(environ, "WECOM_AES_KEY", AES_KEY, "43 letters or digits"),
        contact_secret=environment.required(environ, "WECOM_CONTACT_SECRET"),
        app_name=environ.get("SANDBOX_APP_NAME", "").strip() or "接力 Baton",
        callback_timeout_s=environment.seconds(environ, "SANDBOX_CALLBACK_TIMEOUT_S", 5.0),
        callback_pause_s=environment.seconds(environ, "SANDBOX_CALLBACK_PAUSE_S", 0.5),
    )
    if settings.secret == settings.contact_secret:
        raise StartError("WECOM_CONTACT_SECRET must differ from WECOM_SECRET: they are two applications")
    return settings


def refuse_real_wecom(api_base: str) -> None:
    """Raise StartError if the settings name the real WeCom: the sandbox's keys are public."""
    host = urlsplit(api_base).hostname or api_base
    if host.lower().rstrip(".").endswith("qq.com"):
        raise StartError(f"WECOM_API_BASE names the real WeCom ({host}); the sandbox does not run beside it")


def callback_url(environ: Mapping[str, str]) -> str:
    if "SANDBOX_CALLBACK_URL" not in environ:
        raise StartError("SANDBOX_CALLBACK_URL is not set (leave it empty for an application without one)")
    url = environ["SANDBOX_CALLBACK_URL"].strip()
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise StartError(f"SANDBOX_CALLBACK_URL must be an http(s) address, not {url!r}")
    return url


def same_origins(origin: str) -> frozenset[str]:
    """The origin itself and, for loopback, its other names. Raises StartError."""
    parts = urlsplit(origin)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
        raise StartError(f"SANDBOX_TRUSTED_ORIGIN must be like http://127.0.0.1:8000, not {origin!r}")
    if parts.hostname not in {name.strip("[]") for name in LOOPBACK}:
        return frozenset({origin_of(origin)})
    port = f":{parts.port}" if parts.port else ""
    return frozenset(f"{parts.scheme}://{name}{port}" for name in LOOPBACK)


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, or "" if it is not a plain http(s) URL."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def matching(environ: Mapping[str, str], name: str, pattern: re.Pattern[str], wanted: str) -> str:
    value = environment.required(environ, name)
    if not pattern.fullmatch(value):
        raise StartError(f"{name} must be {wanted}")
    return value
