"""Compiles a chain from nested YAML to flat nodes with edges: the immutable program that tickets follow."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from accounts.organisation.asks import Asks
from templates_engine.approvers.rules import asks_of, has_rule
from templates_engine.language.expressions import Expressions
from templates_engine.parts import Branch, Case, Document, Field, Node
from templates_engine.text import Text, both, localize

Nodes = dict[str, Node]
Within = tuple[tuple[str, int], ...]
JOIN = "/join"  # keys of authors contain no "/"


@dataclass(frozen=True)
class Program:
    """A compiled chain with its document and the version's number.

    nodes: key → the node as written, plus `key`, `name`, `next` (a key, or None: the end), `because` (why it is
    reached) and `within`. Instead of chains, cases and branches hold `first`: the key to continue with. A fork `k`
    (type `parallel`) continues behind its synthetic node `k/join` (type `join`), to which every branch leads.
    """

    key: str
    start: str | None
    nodes: Nodes
    form: list[Field]
    expressions: Expressions
    version: int
    document: Document

    @cached_property
    def asks(self) -> Asks:
        """What its rules ask of the organisation whatever a form says."""
        return asks_of(self.nodes.values())

    def node(self, key: str) -> Node:
        """The node with this key. Raises KeyError."""
        return self.nodes[key]

    def within(self, key: str) -> Within:
        """(fork, index of the branch) of every fork around a node, outermost first."""
        return tuple((fork, index) for fork, index in self.nodes[key]["within"])

    def forks_of(self, key: str) -> tuple[str, ...]:
        """The forks around a node, outermost first."""
        return tuple(fork for fork, _index in self.within(key))

    def branch_of(self, key: str, fork: str) -> int | None:
        """The branch of this fork that contains a node; None if none does."""
        return dict(self.within(key)).get(fork)

    def branch_rows(self, key: str) -> list[dict[str, Any]]:
        """`within` as the API returns it: [{fork, branch, name}], names in the caller's language."""
        return [
            {"fork": fork, "branch": index, "name": localize(self.nodes[fork]["branches"][index]["name"])}
            for fork, index in self.within(key)
        ]


def join_of(fork: str) -> str:
    """The key of the node where a fork's branches meet."""
    return fork + JOIN


def compile_chain(document: Document) -> dict[str, Any]:
    """The program of a checked document, as plain JSON: {key, start, nodes, form}."""
    compiler = _Compiler(document.get("dedup", "none"))
    start = compiler.link(document["chain"], _Place())
    return {"key": document["key"], "start": start, "nodes": compiler.nodes, "form": document["form"]}


@dataclass(frozen=True)
class _Place:
    """The position of a chain. after: what follows its last node; because: the conditions that lead to it."""

    after: str | None = None
    because: Text = ""
    within: Within = ()


class _Compiler:
    def __init__(self, dedup: str) -> None:
        self.nodes: Nodes = {}
        self.dedup = dedup

    def link(self, chain: list[Any], place: _Place) -> str | None:
        """Add a chain's nodes, each with its successor; return the first one's key."""
        following = place.after
        for authored in reversed(chain):
            key = authored["node"]
            here = _Place(following, place.because, place.within)
            node: Any = {name: value for name, value in authored.items() if name not in ("node", "cases", "branches")}
            node |= {"key": key, "next": following, "name": authored.get("name", key), "within": _plain(here.within)}
            if here.because:
                node["because"] = here.because
            if "cases" in authored:
                node["cases"] = [self._case(case, here) for case in authored["cases"]]
            if "branches" in authored:
                self._join(node)
                node["branches"] = [
                    self._branch(branch, key, index, here) for index, branch in enumerate(authored["branches"])
                ]
            self.nodes[key] = complete(node, self.dedup)
            following = key
        return following

    def _case(self, case: Any, place: _Place) -> Case:
        condition: Text = case.get("when") or both("其他情况", "none of the other cases")
        if place.because:
            condition = both(
                f"{localize(place.because, 'zh')}，{localize(condition, 'zh')}",
                f"{localize(place.because, 'en')}, {localize(condition, 'en')}",
            )
        first = self.link(case["chain"], _Place(place.after, condition, place.within))
        return {"name": case.get("name", ""), "when": case.get("when"), "first": first}

    def _join(self, fork: Any) -> None:
        """Add the join where the fork's branches meet."""
        join = join_of(fork["key"])
        self.nodes[join] = {
            "key": join, "type": "join", "fork": fork["key"],
            "name": fork["name"], "next": fork["next"], "within": fork["within"],
        }  # fmt: skip
        fork["next"] = join

    def _branch(self, branch: Any, fork: str, index: int, place: _Place) -> Branch:
        inside = _Place(join_of(fork), place.because, (*place.within, (fork, index)))
        return {"name": branch.get("name", ""), "first": self.link(branch["chain"], inside)}


def _plain(within: Within) -> list[list[Any]]:
    return [[fork, index] for fork, index in within]


def complete(node: Any, dedup: str) -> Node:
    """Fill in an approval's mode and dedup if the author left them out."""
    if node["type"] == "approval":
        node.setdefault("mode", "sequence" if has_rule(node, "managers_up_to") else "any")
        node.setdefault("dedup", dedup)
    return node


def build(stored: dict[str, Any], number: int, document: Document) -> Program:
    """A program from its stored form; what an earlier release did not store is filled in."""
    form = stored["form"]
    nodes = {
        key: complete({"key": key, "within": [], **node}, document.get("dedup", "none"))
        for key, node in stored["nodes"].items()
    }
    return Program(stored["key"], stored["start"], nodes, form, Expressions(form), number, document)
