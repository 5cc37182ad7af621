"""Unsafe settings that stop the start of a public installation (A49). `make run` on loopback is a demonstration."""

import math
import re
import string
from collections import Counter
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import NamedTuple

LEAST_BITS = 72  # 16 random bytes in hex, the shortest key with enough characters, have more
TRIVIAL_BITS = 24  # `aaaa…`, `changemechangeme`: refused even if only this machine has access
RUN = 4
_REPEATED = re.compile(r"(.{4,64}?)\1+|(.{1,3}?)\2{2,}")
_PLACEHOLDER = re.compile(r"change.?(me|this)|your.?(own|secret|key)|insecure|example|(test|check|sandbox).only", re.I)
LOOKED_AT = 256
EVERYBODY = ("*", ".")
# The keys of the sandbox for WeCom: everybody knows them, and they open nothing real.
SANDBOX_WECOM = {
    "WECOM_SECRET": "sandbox-only-" + "s" * 30,
    "WECOM_CONTACT_SECRET": "sandbox-only-" + "c" * 30,
    "WECOM_TOKEN": "SandboxOnlyToken",
    "WECOM_AES_KEY": ("SandboxOnly" + string.ascii_letters)[:43],
}


class Refusal(NamedTuple):
    """A setting that stops the start; `problem` says what is wrong and how to fix it."""

    name: str
    problem: str


class Start(NamedTuple):
    """The settings to check. hosts: the allowed host names."""

    is_demo: bool
    url: str
    host: str
    hosts: list[str]
    secret_key: str
    audit_keys: Mapping[str, str]
    wecom: Mapping[str, str]

    @property
    def is_public(self) -> bool:
        """Whether other machines have access."""
        return not all(map(is_loopback, [self.host, *self.hosts]))


def is_loopback(host: str) -> bool:
    """Whether this name or address always means this machine."""
    name = host.lower().strip("[]").rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def refusals(start: Start) -> Iterator[Refusal]:
    """All problems; none for a demonstration that only this machine can reach."""
    if start.is_public or not start.is_demo:
        yield from _keys(start, LEAST_BITS if start.is_public else TRIVIAL_BITS)
    if start.is_public:
        yield from _names(start)
        yield from _wecom(start)


def _keys(start: Start, least: int) -> Iterator[Refusal]:
    mend = "make a key of its own: openssl rand -base64 48"
    for name, key in {"BATON_SECRET_KEY": start.secret_key, **start.audit_keys}.items():
        if key and (bits(key) < least or (least == LEAST_BITS and _PLACEHOLDER.search(key))):
            yield Refusal(name, f"is easy to guess; {mend}")
    for name, key in start.audit_keys.items():  # a key may appear twice while it moves to BATON_AUDIT_KEYS
        if key == start.secret_key:
            yield Refusal(name, f"is the same as BATON_SECRET_KEY; {mend}")


def bits(key: str) -> float:
    """Estimated entropy in bits: repeated parts, and runs such as `abcd`, count once."""
    rest = _REPEATED.sub(r"\1\2", key[:LOOKED_AT])
    plain = "".join(letter for letter, is_next in zip(rest, _goes_on(rest), strict=True) if not is_next)
    counts = Counter(plain)
    return -sum(count * math.log2(count / len(plain)) for count in counts.values()) if plain else 0.0


def _goes_on(text: str) -> list[bool]:
    """For each character, whether it continues a run of at least RUN consecutive characters."""
    found = [False] * len(text)
    start = 0
    for place in range(1, len(text) + 1):
        if place < len(text) and ord(text[place]) - ord(text[place - 1]) == 1:
            continue
        if place - start >= RUN:
            found[start + 1 : place] = [True] * (place - start - 1)
        start = place
    return found


def _names(start: Start) -> Iterator[Refusal]:
    for host in start.hosts:
        if host.startswith(EVERYBODY):
            yield Refusal("BATON_ALLOWED_HOSTS", f"answers to any name ({host}); write the names that people use")
    if start.url.startswith("http://") and not is_loopback(start.host):
        yield Refusal(
            "BATON_URL",
            f"sends passwords over plain http to {start.host}; put a reverse proxy with TLS before it and write https://",
        )


def _wecom(start: Start) -> Iterator[Refusal]:
    for name, known in SANDBOX_WECOM.items():
        if start.wecom.get(name) == known:
            yield Refusal(name, "is the sandbox's, which everybody knows; take your own from the WeCom console")
