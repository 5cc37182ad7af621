"""Reads the environment: each function names the setting that is wrong, and what is wrong with it."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ

from config import environment, production

environment.load()
ROOT = environment.ROOT
HOME: Path = environment.home()
os.umask(0o077)  # files written from here on are readable only by this user
env = environ.Env()


class SettingError(SystemExit):
    """A setting is wrong or missing: the start stops with one line that names it."""

    def __init__(self, name: str, problem: str, *more: production.Refusal) -> None:
        wrong = [(name, problem), *more]
        super().__init__("\n".join(f"Setting {which}: {what} (see docs/settings.md)" for which, what in wrong))


def required(name: str) -> str:
    """The value of a setting that has no sensible default."""
    value = env.str(name, default="")
    if not value:
        raise SettingError(name, environment.why_not_set())
    return value


def secret(name: str) -> str:
    """A required key of at least 32 characters."""
    value = required(name)
    if len(value) < 32:
        raise SettingError(name, "must have at least 32 characters")
    return value


def parsed(name: str, read, default=environ.Env.NOTSET):  # type: ignore[no-untyped-def]
    """The value as parsed by `read`. Raises SettingError with the parser's message."""
    try:
        return read(name, default=default) if default is not environ.Env.NOTSET else read(name)
    except Exception as error:
        raise SettingError(name, f"cannot be understood: {error}") from error


def yes_or_no(name: str) -> bool:
    """A switch, off by default. Raises SettingError for any value that is neither yes nor no."""
    value = env.str(name, default="0").strip().lower()
    if value not in ("0", "1", "false", "true", "no", "yes", "off", "on"):
        raise SettingError(name, "must be 0 or 1")
    return value in ("1", "true", "yes", "on")


def at_least_one(name: str, default: int) -> int:
    """A whole number of at least 1. Raises SettingError below that."""
    value: int = parsed(name, env.int, default)
    if value < 1:
        raise SettingError(name, "must be at least 1")
    return value


def rates(name: str, default: str) -> list[tuple[int, float]]:
    """[(count, seconds)], written `30/60 1000/3600`. Raises ValueError."""
    found = [part.partition("/") for part in env.str(name, default=default).split()]
    try:
        limits = [(int(most), float(seconds)) for most, _slash, seconds in found]
    except ValueError:
        limits = []
    if not limits or any(most < 1 or not 0 < seconds <= 86_400 for most, seconds in limits):
        raise ValueError("write how many / seconds, such as 30/60 1000/3600")
    return limits


def brokers(name: str) -> str:
    """The broker's URL, or several separated by `;`, each of a supported kind. Raises ValueError."""
    value = required(name)
    for address in value.split(";"):
        parts = urlsplit(address.strip())
        if parts.scheme not in BROKERS or (parts.port == 0 and parts.netloc):
            raise ValueError("write amqp://… (RabbitMQ) or redis://…")
    return value


def web_address(name: str, default: str) -> str:
    """An http or https URL, without a slash at its end. Raises SettingError."""
    value = env.str(name, default=default).rstrip("/")
    if not value.startswith(("http://", "https://")) or not parsed(name, lambda _name: urlsplit(value).hostname):
        raise SettingError(name, "must be an address such as https://wecom.example.com")
    return value


BROKERS = ("amqp", "amqps", "pyamqp", "redis", "rediss", "redis+socket", "sentinel", "memory")  # the last for tests
