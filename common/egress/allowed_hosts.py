"""Which hosts may be called, by a setting such as `BATON_WEBHOOK_HOSTS`, read strictly and at every call (A40).

An entry is `[http://]HOST[:PORT][=NETWORK]`. It means HTTPS unless it begins with `http://`. A name may have public
addresses only, or addresses in the network that its entry gives (`ci.internal=10.1.0.0/16`). An IP address allows
itself, and `localhost` allows the loopback addresses; they need no network.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PORTS = {"https": 443, "http": 80}
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
# An IPv6 address in these networks holds an IPv4 address in its last 32 bits.
CARRIERS = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
# Metadata services of clouds. Not every Python version counts these ranges as private.
METADATA = (ip_network("192.0.0.0/24"), ip_network("168.63.129.16/32"))
NAME = re.compile(r"(?!.*\.\.)[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9])?")
PATH_SAFE = "%/:=&?~+!$,;'@()*[]"


class Refused(Exception):
    """This URL may not be called; the text says why, and which setting would allow it."""


@dataclass(frozen=True)
class Place:
    """One host that may be called. inside: networks that it may be in although they are not public.

    setting: the name of the setting that allows it.
    """

    scheme: str
    host: str
    port: int
    inside: tuple[Network, ...] = ()
    setting: str = ""

    @property
    def authority(self) -> str:
        """The host as the Host header names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def accepts(self, address: Address) -> bool:
        """Whether this host may have this address."""
        return is_public(address) or any(address in network for network in self.inside)


def read(entries: Iterable[str]) -> list[Place]:
    """The places that these entries allow. Raises ValueError naming the entry that cannot be read."""
    return [_entry(text.strip()) for text in entries if text.strip()]


def _entry(text: str) -> Place:
    where, has_network, network = text.partition("=")
    url = where if "://" in where else f"https://{where}"
    try:
        scheme, host, port, target = split(url)
        inside = (ip_network(network),) if has_network else _own_networks(host)
    except (Refused, ValueError) as error:
        raise ValueError(f"{text!r} is not [http://]host[:port][=network]") from error
    if target != "/" or where.endswith("/"):
        raise ValueError(f"{text!r} is not [http://]host[:port][=network]: it has a path")
    return Place(scheme, host, port, inside)


def _own_networks(host: str) -> tuple[Network, ...]:
    if host == "localhost":
        return LOOPBACK
    try:
        return (ip_network(ip_address(host)),)
    except ValueError:
        return ()


def split(url: str) -> tuple[str, str, int, str]:
    """(scheme, host, port, request target) of a URL that can be read in one way only. Raises Refused."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Refused("this is not a URL") from error
    if parts.scheme not in PORTS:
        raise Refused("only https is possible")
    if "@" in parts.netloc or "\\" in url or any(char.isspace() or not char.isprintable() for char in url):
        raise Refused("a URL with a user name, a backslash or a blank is not called")
    host = _canonical(host)
    target = quote(parts.path or "/", safe=PATH_SAFE) + (
        f"?{quote(parts.query, safe=PATH_SAFE)}" if parts.query else ""
    )
    return parts.scheme, host, port or PORTS[parts.scheme], target


def _canonical(host: str) -> str:
    """A name in lower-case ASCII without its last dot, or an address as Python writes it. Raises Refused."""
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    try:
        name = host.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise Refused("this is not the name of a host") from error
    if not NAME.fullmatch(name) or name.rpartition(".")[2].isdigit():  # 127.1 and 2130706433 are IP addresses
        raise Refused("this is not the name of a host")
    return name


def find(places: Iterable[Place], url: str, setting: str) -> tuple[Place, str]:
    """The place that this URL names, and the request target there. Raises Refused, naming the setting."""
    scheme, host, port, target = split(url)
    for place in places:
        if (place.scheme, place.host, place.port) == (scheme, host, port):
            return replace(place, setting=setting), target
    wanted = Place(scheme, host, port).authority
    raise Refused(f"{scheme}://{wanted} is not in {setting}")


def is_public(address: Address) -> bool:
    """Whether this address is public: not of this machine, a private network or a cloud's internal services."""
    carried = _carried(address)
    if carried is not None and not is_public(carried):
        return False
    is_inner = address.is_multicast or any(address in network for network in METADATA)
    return address.is_global and not is_inner


def _carried(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to through any kind of tunnel; None if there is none."""
    if isinstance(address, IPv4Address):
        return None
    if any(address in network for network in CARRIERS):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
