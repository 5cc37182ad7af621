"""Checks a template document: shape, form, chain. Every finding has its path."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain as joined
from typing import Any, cast

from templates_engine.findings.finding import Finding, suggest
from templates_engine.forms.check import check_field_expressions, check_fields
from templates_engine.language.directory import Directory
from templates_engine.language.expressions import Expressions
from templates_engine.nodes import NODE_TYPES
from templates_engine.nodes.approval import DEDUP
from templates_engine.nodes.base import Context
from templates_engine.nodes.runs import steps_of
from templates_engine.parts import Document, Node
from templates_engine.ports import ActionCatalogue
from templates_engine.program.program import compile_chain
from templates_engine.proofs import Subject, prove
from templates_engine.proofs.base import each_node
from templates_engine.proofs.picked import picked
from templates_engine.reading.normal import normalise
from templates_engine.reading.shapes import PROSE, SLUG, TEXT, Schema, check, mapping
from templates_engine.reading.yaml_reader import Unreadable, read

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
RESERVED = frozenset({"check", "import"})  # URLs beside templates/{key}; see api/urls.py


class Enough(Exception):
    """There are too many errors; the check stops."""


@dataclass
class Checked:
    """The result of a check. document: None if the text could not be read; later in normal form (reading/normal.py).

    subject: the input of the proofs; None if the document's shape is wrong.
    """

    document: Document | None = None
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    subject: Subject | None = None

    def add(self, finding: Finding) -> None:
        """Add a finding, unless an equal one is there."""
        known = self.warnings if finding.is_warning else self.errors
        if finding not in known:
            known.append(finding)

    def take(self, found: Iterable[Finding]) -> None:
        """Add findings one by one. Raises Enough if there are more than MOST_ERRORS."""
        for finding in found:
            if len(self.errors) >= MOST_ERRORS:
                self.errors.append(Finding("too_many_errors", "", {"limit": MOST_ERRORS}))
                raise Enough
            self.add(finding)

    @property
    def ok(self) -> bool:
        """Whether the document may be stored and published."""
        return not self.errors


def nodes_of(chain: list[Node], path: str = "chain") -> Iterator[tuple[Node, str]]:
    """Every well-formed node with its path, depth first, in the order of the document."""
    for index, node in enumerate(chain):
        here = f"{path}[{index}]"
        yield node, here
        kind = NODE_TYPES.get(str(node.get("type"))) if isinstance(node, dict) else None
        if kind is not None:
            try:
                inner = list(kind.inner_chains(node))
            except (KeyError, TypeError, AttributeError):
                continue  # its shape is wrong and already reported
            for suffix, below in inner:
                if isinstance(below, list):
                    yield from nodes_of(below, here + suffix)


def check_text(
    text: str | bytes,
    directory: Directory,
    actions: ActionCatalogue,
    templates: Mapping[str, Document] | None = None,
) -> Checked:
    """Read and check one template document; time and memory are limited.

    templates: key → document of the published templates, which sub-tickets may use.
    """
    try:
        document, repeated = read(text)
    except Unreadable as error:
        return Checked(errors=[error.finding])
    if not isinstance(document, dict):
        return Checked(errors=[Finding("wrong_type", "", {"expected": {"zh": "键值对", "en": "a mapping"}})])
    checked = Checked(cast(Document, document))  # used as one only if its shape is right
    with suppress(Enough):
        checked.take(joined(repeated, check(document, DOCUMENT, "")))
        if checked.ok:
            _check_parts(checked, cast(Document, document), directory, actions, templates or {})
    return checked


def _check_parts(
    checked: Checked,
    document: Document,
    directory: Directory,
    actions: ActionCatalogue,
    templates: Mapping[str, Document],
) -> None:
    checked.take(joined(check_fields(document["form"]), _check_shapes(document["chain"])))
    is_sound = checked.ok
    checked.take(_check_audience(document.get("visible_to", []), directory))
    checked.take(_check_summary(document))
    if document["key"] in RESERVED:
        checked.add(Finding("reserved_key", "key", {"key": document["key"]}))
    if not is_sound:
        return  # expressions and order can only be checked on a valid form and chain
    normalise(document)
    expressions = Expressions(document["form"], directory=directory)
    checked.take(check_field_expressions(document["form"], expressions))
    places = list(each_node(document["chain"]))
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


def _changes(node: Node, actions: ActionCatalogue) -> bool:
    """Whether this node runs an action that is not read-only; an unknown action counts too (I26)."""
    if node["type"] != "automation":
        return False
    found = [actions.get(step["action"]) for _path, step in steps_of(node)]
    return not found or any(action is None or not action.is_read_only for action in found)


def _check_shapes(chain: list[Node]) -> Iterator[Finding]:
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


def _check_summary(document: Document) -> Iterator[Finding]:
    """Check that the fields for cards and messages exist in the form."""
    known = [str(field.get("key")) for field in document["form"] if isinstance(field, dict)]
    for index, key in enumerate(document.get("summary", [])):
        if key not in known:
            yield Finding(
                "unknown_summary_field", f"summary[{index}]", {"name": key, "suggestion": suggest(key, known)}
            )


def _check_approved(
    chain: list[Node], path: str, actions: ActionCatalogue, *, approved: bool
) -> tuple[list[Finding], bool]:
    """(findings for automations with no approval on some path before them; whether the end is approved)."""
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
