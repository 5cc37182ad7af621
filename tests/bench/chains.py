"""Chains of any size and an empty organisation, to measure the engine without a database."""

from collections.abc import Iterable
from typing import Any, cast

from accounts.organisation.people import Organisation, Person
from templates_engine.language.directory import Directory
from templates_engine.parts import Document, Field, Node

DIRECTORY = Directory(roles={"sre"}, usernames={"bob"}, departments={"ops"})


class Nobody(Organisation):
    """An organisation without people: nodes that may pass do, so a chain is walked in one go."""

    def know(self, *_asked: Iterable[Any], **_more: Iterable[Any]) -> None:
        """Nothing to load."""

    def by_usernames(self, usernames: Iterable[str]) -> list[Person]:
        """None of them."""
        return []

    def role_holders(self, role: str) -> list[Person]:
        """None."""
        return []

    def managers(self, person: Person) -> list[Person]:
        """None."""
        return []

    def admins(self) -> list[Person]:
        """None."""
        return []


def document(chain: list[dict[str, Any]]) -> Document:
    """A template with this chain and one number field."""
    number: Field = {"key": "n", "type": "number", "label": "N", "required": True}
    nodes = cast(list[Node], chain)
    return {
        "apiVersion": "baton/v1", "kind": "TicketTemplate", "key": "bench-engine", "name": "Bench",
        "form": [number], "chain": nodes,
    }  # fmt: skip


def approval(key: str) -> dict[str, Any]:
    """An approval that passes because nobody has the role."""
    return {"node": key, "type": "approval", "approvers": [{"role": "sre"}], "mode": "all", "on_empty": "approve"}


def long_chain(nodes: int, *, branches: int) -> list[dict[str, Any]]:
    """A chain of this many nodes on the way; of these, `branches` are branches that contain the others evenly."""
    share = (nodes - branches) // branches
    return [
        {
            "node": f"branch-{b}",
            "type": "branch",
            "cases": [
                {"when": f"form.n > {b + 100}", "chain": [approval(f"never-{b}")]},
                {"otherwise": True, "chain": [approval(f"node-{b}-{n}") for n in range(share)]},
            ],
        }
        for b in range(branches)
    ]


def wide_chain(nodes: int) -> list[dict[str, Any]]:
    """This many nodes, a fifth of them branches."""
    return long_chain(nodes * 5 // 6, branches=nodes // 6)
