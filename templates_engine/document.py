"""Checking a template document: shape, form, chain. Every finding names its path."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain as joined
from typing import Any

from templates_engine.directory import Directory
from templates_engine.expressions import Expressions
from templates_engine.findings import Finding, suggest
from templates_engine.form_check import check_field_expressions, check_fields
from templates_engine.nodes import NODE_TYPES
from templates_engine.nodes.approval import DEDUP
from templates_engine.nodes.base import Context
from templates_engine.normal import normalise
from templates_engine.ports import ActionCatalogue
from templates_engine.program import compile_chain
from templates_engine.proofs import Subject, prove
from templates_engine.proofs.base import walk
from templates_engine.proofs.picked import picked
from templates_engine.shapes import PROSE, SLUG, TEXT, Schema, check, mapping
from templates_engine.yaml_reader import Unreadable, read

AUDIENCE: Schema = {
    "type": "array",
    "minItems": 1,
    "maxItems": 50,
    "items": {
        "anyOf": [
            {"const": "everyone"},
            mapping({"department": {"type": "string"}}),
            mapping({"role": {"type": "string"}}),
            mapping({"user": {"type": "string"}}),
        ]
    },
}
DOCUMENT: Schema = mapping(
    {
        "apiVersion": {"const": "baton/v1"},
        "kind": {"const": "TicketTemplate"},
        "key": SLUG,
        "name": TEXT,
        "form": {"type": "array", "maxItems": 200, "items": {"type": "object"}},
        "chain": {"type": "array", "maxItems": 200, "items": {"type": "object"}},
    },
    {
        "category": TEXT,
        "description": PROSE,
        "number_prefix": {"type": "string", "pattern": r"\A[A-Z][A-Z0-9]{1,7}\Z"},
        "visible_to": AUDIENCE,
        "rating": {"type": "boolean"},
        "summary": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 6, "uniqueItems": True},
        "dedup": DEDUP,
    },
)
MAX_NODES = 500
MOST_ERRORS = 200
RESERVED = frozenset({"check", "import"})  # addresses beside templates/{key}; see api/urls.py


class Enough(Exception):
    """There are so many errors that nothing more is looked at."""


@dataclass
class Checked:
    """The outcome of a check. document is None where the text could not even be read; normal.py says how it is kept.

    subject: what proofs look at; None where the document's shape is wrong.
    """

    document: dict[str, Any] | None = None
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    subject: Subject | None = None

    def add(self, finding: Finding) -> None:
        """Take a finding in, unless it says what is known already."""
        known = self.warnings if finding.is_warning else self.errors
        if finding not in known:
            known.append(finding)

    def take(self, found: Iterable[Finding]) -> None:
        """Take errors in, as they are found. Raises Enough where there are more than anybody reads."""
        for finding in found:
            if len(self.errors) >= MOST_ERRORS:
                self.errors.append(Finding("too_many_errors", "", {"limit": MOST_ERRORS}))
                raise Enough
            self.add(finding)

    @property
    def ok(self) -> bool:
        """Whether it may be stored and published."""
        return not self.errors


def nodes_of(chain: list[dict[str, Any]], path: str = "chain") -> Iterator[tuple[dict[str, Any], str]]:
    """Every well-formed node with its path, depth first, in the order of the document."""
    for index, node in enumerate(chain):
        here = f"{path}[{index}]"
        yield node, here
        kind = NODE_TYPES.get(str(node.get("type"))) if isinstance(node, dict) else None
        if kind is not None:
            try:
                inner = list(kind.inner_chains(node))
            except (KeyError, TypeError, AttributeError):
                continue  # its shape is wrong, and already named
            for suffix, below in inner:
                if isinstance(below, list):
                    yield from nodes_of(below, here + suffix)


def check_text(
    text: str | bytes,
    directory: Directory,
    actions: ActionCatalogue,
    templates: Mapping[str, dict[str, Any]] | None = None,
) -> Checked:
    """Read and check one template document, in bounded time and memory.

    templates: key → document of the templates on offer, which sub-tickets may be opened of.
    """
    try:
        document, repeated = read(text)
    except Unreadable as error:
        return Checked(errors=[error.finding])
    if not isinstance(document, dict):
        return Checked(errors=[Finding("wrong_type", "", {"expected": {"zh": "键值对", "en": "a mapping"}})])
    checked = Checked(document)
    with suppress(Enough):
        checked.take(joined(repeated, check(document, DOCUMENT, "")))
        if checked.ok:
            _check_parts(checked, document, directory, actions, templates or {})
    return checked


def _check_parts(
    checked: Checked,
    document: dict[str, Any],
    directory: Directory,
    actions: ActionCatalogue,
    templates: Mapping[str, dict[str, Any]],
) -> None:
    checked.take(joined(check_fields(document["form"]), _check_shapes(document["chain"])))
    is_sound = checked.ok
    checked.take(_check_audience(document.get("visible_to", []), directory))
    checked.take(_check_summary(document))
    if document["key"] in RESERVED:
        checked.add(Finding("reserved_key", "key", {"key": document["key"]}))
    if not is_sound:
        return  # expressions and order can only be judged on a sound form and chain
    normalise(document)
    expressions = Expressions(document["form"], directory=directory)
    checked.take(check_field_expressions(document["form"], expressions))
    places = list(walk(document["chain"]))
    runs_job = any(node["type"] == "automation" for node, _path, _assumed in places)
    context = Context(expressions, directory, actions, runs_job, document["key"], templates)
    for node, path, assumed in places:
        context.assumed = assumed
        checked.take(NODE_TYPES[node["type"]].check(node, path, context))
    checked.take(_check_approved(document["chain"], "chain", actions, approved=False)[0])
    checked.take(picked(document, expressions, actions, templates))
    paths = {node["node"]: path for node, path, _assumed in places}
    checked.subject = Subject(document, compile_chain(document), paths, expressions)
    checked.take(prove(checked.subject))


def _changes(node: dict[str, Any], actions: ActionCatalogue) -> bool:
    """Whether this node runs something that is not declared read-only; an unknown action counts (I26)."""
    if node["type"] != "automation":
        return False
    action = actions.get(node["action"])
    return action is None or not action.is_read_only


def _check_shapes(chain: list[dict[str, Any]]) -> Iterator[Finding]:
    if not chain:
        yield Finding("empty_chain", "chain")
    seen: Counter[str] = Counter()
    for count, (node, path) in enumerate(nodes_of(chain)):
        if count >= MAX_NODES:
            yield Finding("too_many_parts", "chain", {"limit": MAX_NODES})
            return
        kind = NODE_TYPES.get(str(node.get("type"))) if isinstance(node, dict) else None
        if kind is None:
            value = str(node.get("type")) if isinstance(node, dict) else str(node)
            yield Finding("wrong_value", f"{path}.type", {"value": value, "allowed": ", ".join(NODE_TYPES)})
            continue
        yield from check(node, kind.document_schema(), path)
        key = str(node.get("node"))
        seen[key] += 1
        if seen[key] == 2:
            yield Finding("duplicate_node", f"{path}.node", {"key": key})


def _check_audience(audience: list[Any], directory: Directory) -> Iterator[Finding]:
    known = {"department": directory.departments, "role": directory.roles, "user": directory.usernames}
    for index, entry in enumerate(audience):
        if isinstance(entry, dict):
            ((kind, key),) = entry.items()
            if key not in known[kind]:
                details = {
                    "key": key,
                    "suggestion": "" if kind == "user" else suggest(key, list(known[kind])),
                }
                yield Finding(f"unknown_{kind}", f"visible_to[{index}].{kind}", details)


def _check_summary(document: dict[str, Any]) -> Iterator[Finding]:
    """The fields that cards and messages show are fields of the form."""
    known = [str(field.get("key")) for field in document["form"] if isinstance(field, dict)]
    for index, key in enumerate(document.get("summary", [])):
        if key not in known:
            yield Finding(
                "unknown_summary_field", f"summary[{index}]", {"name": key, "suggestion": suggest(key, known)}
            )


def _check_approved(
    chain: list[dict[str, Any]], path: str, actions: ActionCatalogue, *, approved: bool
) -> tuple[list[Finding], bool]:
    """Automations that no approval precedes on every way to them; whether the chain's end is approved."""
    findings: list[Finding] = []
    for index, node in enumerate(chain):
        here = f"{path}[{index}]"
        if node["type"] == "approval":
            approved = True
        elif not approved and _changes(node, actions):
            findings.append(Finding("unapproved_automation", here))
        ends = []
        for suffix, inner in NODE_TYPES[node["type"]].inner_chains(node):
            found, end = _check_approved(inner, here + suffix, actions, approved=approved)
            findings += found
            ends.append(end)
        needed = any if NODE_TYPES[node["type"]].walks_all else all
        approved = approved or (bool(ends) and needed(ends))
    return findings, approved
