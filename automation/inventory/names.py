"""Allowed names and addresses in an inventory: none that Ansible or a shell could interpret."""

import re
from ipaddress import AddressValueError, IPv6Address

NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9])?")
ADDRESS = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
USER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,31}")
GROUP = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
SITE = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")
MINION = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,126}[A-Za-z0-9_])?")
ROUTES = frozenset({"check", "export", "import"})  # of the API below /hosts/: a host with such a name would have no URL
RESERVED = frozenset({"all", "ungrouped", "localhost", "localhost.localdomain", "ip6-localhost", "none"})


def is_host_name(name: object) -> bool:
    """Exactly one host: no pattern, no range, no group of all hosts, never the controller (A30)."""
    if not isinstance(name, str) or NAME.fullmatch(name) is None:
        return False
    return name.lower() not in RESERVED and not name.startswith("127.")


def is_address(address: object) -> bool:
    """A host name or an IP address, as ssh accepts it."""
    if not isinstance(address, str):
        return False
    return ADDRESS.fullmatch(address) is not None or _is_ipv6(address)


def _is_ipv6(address: str) -> bool:
    try:
        return "%" not in str(IPv6Address(address))
    except AddressValueError:
        return False


def is_user(user: object) -> bool:
    """An account name; never an option."""
    return isinstance(user, str) and USER.fullmatch(user) is not None


def is_group(group: object) -> bool:
    """The name of a group; never one of Ansible's two groups of all hosts."""
    return isinstance(group, str) and GROUP.fullmatch(group) is not None and group not in ("all", "ungrouped")


def is_site(site: object) -> bool:
    """The name of a site; "" is the main site."""
    return isinstance(site, str) and (site == "" or SITE.fullmatch(site) is not None)


def is_minion(minion: object) -> bool:
    """Exactly one minion id: no glob, no list, no compound target (A30); "" means none."""
    return isinstance(minion, str) and (minion == "" or MINION.fullmatch(minion) is not None)
