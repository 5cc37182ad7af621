"""Small reads of untrusted card JSON. A wrong type counts as a missing value."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from sandbox.wecom.errors import ApiError

KEY_BYTES = 1024
OPTION_ID_BYTES = 128
URL_BYTES = 2048

Json = dict[str, Any]


def size(text: str) -> int:
    return len(text.encode())


def obj(parent: Json, name: str) -> Json:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def items(parent: Json, name: str) -> list[Json]:
    value = parent.get(name)
    return [item if isinstance(item, dict) else {} for item in value] if isinstance(value, list) else []


def string(parent: Json, name: str) -> str:
    value = parent.get(name)
    return value if isinstance(value, str) else ""


def kind(parent: Json, name: str = "type") -> int:
    value = parent.get(name, 0)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def numbered(parent: Json, name: str, path: str) -> Iterator[tuple[str, Json]]:
    for place, item in enumerate(items(parent, name)):
        yield f"{path}[{place}]", item


def require_url(parent: Json, path: str, missing: int = 42028, name: str = "url") -> None:
    """Require a URL with a scheme, within the platform's length limit."""
    url = string(parent, name)
    if not url:
        raise ApiError(missing, f"{path}.{name}")
    if not urlsplit(url).scheme or "://" not in url:
        raise ApiError(45034, f"{path}.{name}")
    if size(url) > URL_BYTES:
        raise ApiError(45002, f"{path}.{name}")


def require_target(parent: Json, path: str, missing_url: int = 42028) -> None:
    """Require the pair type/url (1) or type/appid (2)."""
    if kind(parent) == 1:
        require_url(parent, path, missing_url)
    elif kind(parent) == 2 and not string(parent, "appid"):
        raise ApiError(42030, f"{path}.appid")


def require_key(parent: Json, path: str, errcode: int, name: str = "key") -> str:
    key = string(parent, name)
    if not key or size(key) > KEY_BYTES:
        raise ApiError(errcode, f"{path}.{name}")
    return key
