"""Compiling a chain: from nested YAML to flat nodes with edges. The immutable thing that tickets walk."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from templates_engine.approvers.rules import has_rule
from templates_engine.expressions import Expressions
from templates_engine.text import Text, both, localize

if TYPE_CHECKING:
    from templates_engine.models import TemplateVersion

Nodes = dict[str, dict[str, Any]]
Within = tuple[tuple[str, int], ...]
JOIN = "/join"  # no author's key holds a "/"


@dataclass(frozen=True)
class Program:
    """A compiled chain with the document it came from, and that version's number.

    nodes: key → the node as authored, plus `key`, `name`, `next` (a key, or None: the end), `because` and `within`.
    Instead of chains a branch's cases and a fork's branches hold `first`: the key to go on with. A fork `k` (type
    `parallel`) goes on behind its synthetic node `k/join` (type `join`), which every branch leads to.
    """

    key: str
    start: str | None
    nodes: Nodes
    form: list[dict[str, Any]]
    expressions: Expressions
    version: int
    document: dict[str, Any]

    def node(self, key: str) -> dict[str, Any]:
        """One node. Raises KeyError."""
        return self.nodes[key]

    def within(self, key: str) -> Within:
        """(fork, index of the branch) of every fork around a node, outermost first."""
        return tuple((fork, index) for fork, index in self.nodes[key]["within"])

    def forks_of(self, key: str) -> tuple[str, ...]:
        """The forks around a node, outermost first."""
        return tuple(fork for fork, _index in self.within(key))

    def branch_of(self, key: str, fork: str) -> int | None:
        """Which branch of this fork a node stands in; None where it stands in none."""
        return dict(self.within(key)).get(fork)

    def branch_rows(self, key: str) -> list[dict[str, Any]]:
        """`within` as the API answers it: [{fork, branch, name}], names in the caller's language."""
        return [
            {"fork": fork, "branch": index, "name": localize(self.nodes[fork]["branches"][index]["name"])}
            for fork, index in self.within(key)
        ]


def join_of(fork: str) -> str:
    """The key of the node at which a fork's branches meet again."""
    return fork + JOIN


def compile_chain(document: dict[str, Any]) -> dict[str, Any]:
    """The program of a checked document, as plain JSON: {key, start, nodes, form}."""
    compiler = _Compiler(document.get("dedup", "none"))
    start = compiler.link(document["chain"], _Place())
    return {"key": document["key"], "start": start, "nodes": compiler.nodes, "form": document["form"]}


@dataclass(frozen=True)
class _Place:
    """Where a chain stands. after: what follows its last node; because: the conditions that lead to it."""

    after: str | None = None
    because: Text = ""
    within: Within = ()


class _Compiler:
    def __init__(self, dedup: str) -> None:
        self.nodes: Nodes = {}
        self.dedup = dedup

    def link(self, chain: list[dict[str, Any]], place: _Place) -> str | None:
        """Add a chain's nodes, each pointing to its successor; answers the first one's key."""
        following = place.after
        for authored in reversed(chain):
            key = authored["node"]
            here = _Place(following, place.because, place.within)
            node = {name: value for name, value in authored.items() if name not in ("node", "cases", "branches")}
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

    def _case(self, case: dict[str, Any], place: _Place) -> dict[str, Any]:
        condition: Text = case.get("when") or both("其他情况", "none of the other cases")
        if place.because:
            condition = both(
                f"{localize(place.because, 'zh')}，{localize(condition, 'zh')}",
                f"{localize(place.because, 'en')}, {localize(condition, 'en')}",
            )
        first = self.link(case["chain"], _Place(place.after, condition, place.within))
        return {"name": case.get("name", ""), "when": case.get("when"), "first": first}

    def _join(self, fork: dict[str, Any]) -> None:
        """Let the fork's branches meet before what follows it."""
        join = join_of(fork["key"])
        self.nodes[join] = {
            "key": join, "type": "join", "fork": fork["key"],
            "name": fork["name"], "next": fork["next"], "within": fork["within"],
        }  # fmt: skip
        fork["next"] = join

    def _branch(self, branch: dict[str, Any], fork: str, index: int, place: _Place) -> dict[str, Any]:
        inside = _Place(join_of(fork), place.because, (*place.within, (fork, index)))
        return {"name": branch.get("name", ""), "first": self.link(branch["chain"], inside)}


def _plain(within: Within) -> list[list[Any]]:
    return [[fork, index] for fork, index in within]


def complete(node: dict[str, Any], dedup: str) -> dict[str, Any]:
    """An approval says its mode and dedup even where the author left them out."""
    if node["type"] == "approval":
        node.setdefault("mode", "sequence" if has_rule(node, "managers_up_to") else "any")
        node.setdefault("dedup", dedup)
    return node


@lru_cache(maxsize=512)
def load(version_id: int) -> Program:
    """The program of a stored version, kept in this process: versions never change (I9). Raises BrokenSeal."""
    from templates_engine.seals import sound_version

    return program_of(sound_version(version_id))


def glance(version_id: int) -> Program:
    """The program of a stored version as it stands there, sealed or not: to name its nodes, never to walk it."""
    from templates_engine.models import TemplateVersion

    return program_of(TemplateVersion.objects.defer("source").get(pk=version_id))


def program_of(version: "TemplateVersion") -> Program:
    """The program of a version."""
    return build(version.program, version.number, version.document)


def build(stored: dict[str, Any], number: int, document: dict[str, Any]) -> Program:
    """A program from its stored form; one that an earlier release compiled gets what it lacks."""
    form = stored["form"]
    nodes = {
        key: complete({"key": key, "within": [], **node}, document.get("dedup", "none"))
        for key, node in stored["nodes"].items()
    }
    return Program(stored["key"], stored["start"], nodes, form, Expressions(form), number, document)
