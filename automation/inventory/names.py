"""Which names and addresses an inventory may hold: none that Ansible or a shell could take for more."""

import re
from ipaddress import AddressValueError, IPv6Address

NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9])?")
ADDRESS = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
USER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,31}")
GROUP = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
RESERVED = frozenset({"all", "ungrouped", "localhost", "localhost.localdomain", "ip6-localhost", "none"})


def is_host_name(name: object) -> bool:
    """One host, exactly: no pattern, no range, no group of everything, never the controller (A30)."""
    if not isinstance(name, str) or NAME.fullmatch(name) is None:
        return False
    return name.lower() not in RESERVED and not name.startswith("127.")


def is_address(address: object) -> bool:
    """A host name or an IP address, as ssh takes it."""
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
    """The name of a group."""
    return isinstance(group, str) and GROUP.fullmatch(group) is not None
