"""Hosts from Salt: its accepted keys and the minions' grains, as JSON.

Accepted is the output of these with `--out json`: salt-key -L, salt-run manage.up, salt-run manage.status, and
salt '*' grains.items, with or without `--static` (without it, one document follows the other).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from automation.inventory.entry import HostEntry
from automation.inventory.group_tree import Inventory
from automation.inventory.names import is_address
from automation.inventory.plain import documents
from automation.inventory.problems import unreadable
from automation.models.host import Connection, Facts
from common.errors import finding

LISTS = ("minions", "up", "down")  # of salt-key -L, and of manage.status; pending and rejected keys are not hosts
ANSWERS = (
    {"minions", "minions_pre", "minions_rejected", "minions_denied", "local"},
    {"up", "down"},
)  # the keys of such documents
LONGEST = 200


def read_salt(text: str) -> Inventory:
    """The minions in one or several JSON documents."""
    found = documents(text)
    if all(isinstance(each, list) for each in found):
        return inventory({name: {} for each in found for name in each})
    if not all(isinstance(each, dict) for each in found):
        raise unreadable("", _("This is neither a list of minions nor their grains."))
    if len(found) == 1 and any(isinstance(found[0].get(key), list) for key in LISTS):
        return inventory({name: {} for key in LISTS for name in found[0].get(key) or ()})
    return inventory({name: grains for each in found for name, grains in each.items()})


def inventory(minions: Mapping[Any, Any]) -> Inventory:
    """Hosts of minion id → grains; {} if none are known, anything but a table if the minion did not answer."""
    entries = []
    odd = []
    for name, grains in minions.items():
        answered = isinstance(grains, dict)
        if not answered:
            message = _("%(name)s did not answer; its stored facts stay unchanged.") % {"name": str(name)[:128]}
            odd.append(finding(str(name)[:128], "no_answer", message))
        known = grains if answered else {}
        entry = HostEntry(name, address=_address(known.get("ipv4")), connection=Connection.SALT, minion=name)
        entry.path, entry.given = str(name)[:128], frozenset({"minion"})
        entry.facts = dict(facts_of_grains(known)) if known else None  # type: ignore[arg-type]
        entries.append(entry)
    return Inventory(entries, odd=odd, by_minion=True)


def facts_of_grains(grains: Mapping[str, Any]) -> Facts:
    """The facts that are kept from a minion's grains."""
    wanted: dict[str, Iterable[str]] = {
        "os": ("os", "osrelease"),
        "kernel": ("kernel", "kernelrelease"),
        "arch": ("cpuarch",),
        "cpus": ("num_cpus",),
        "memory": ("mem_total",),
        "python": ("pythonversion",),
    }
    facts = {key: " ".join(_word(grains[name]) for name in names if name in grains) for key, names in wanted.items()}
    if facts["memory"]:
        facts["memory"] += " MB"
    return clean_facts(facts)


def clean_facts(facts: Mapping[str, Any]) -> Facts:
    """Short printable texts; a host's data is untrusted (A28, A35)."""
    kept: Facts = {}
    for key in Facts.__annotations__:
        value = facts.get(key)
        if isinstance(value, (str, int, float)) and str(value).strip():
            text = "".join(character if character.isprintable() else " " for character in str(value))
            kept[key] = " ".join(text.split())[:LONGEST]  # type: ignore[literal-required]
    return kept


def _word(value: Any) -> str:
    if isinstance(value, list):
        return ".".join(str(part) for part in value[:3])
    return str(value)


def _address(found: Any) -> str:
    """The minion's only address besides its loopback; "" if there are several."""
    others = [each for each in found if isinstance(each, str) and not each.startswith("127.")] if found else []
    return others[0] if len(others) == 1 and is_address(others[0]) else ""
