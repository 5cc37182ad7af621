"""Typed reads of environment variables. Each error names the variable and the expected value."""

from collections.abc import Mapping
from pathlib import Path

from sandbox.web.errors import StartError

Environment = Mapping[str, str]


def required(environ: Environment, name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise StartError(f"{name} is not set")
    return value


def port(environ: Environment, name: str, default: int) -> int:
    text = environ.get(name, "").strip() or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise StartError(f"{name} must be a port number, not {text!r}")
    return int(text)


def seconds(environ: Environment, name: str, default: float) -> float:
    text = environ.get(name, "").strip() or str(default)
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 3600:
        raise StartError(f"{name} must be a number of seconds from 0 to 3600, not {text!r}")
    return value


def folder(environ: Environment, name: str) -> Path:
    path = Path(required(environ, name))
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"{name} cannot be used as a folder: {error}") from error
    return path
