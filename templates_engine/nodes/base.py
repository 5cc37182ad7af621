"""The base class of node types, and the context of their checks."""

from abc import ABC
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from templates_engine.findings.finding import Finding
from templates_engine.language.checker import Assumption
from templates_engine.language.directory import Directory
from templates_engine.language.expressions import Expressions
from templates_engine.nodes.opens import children_of
from templates_engine.parts import Document, Node
from templates_engine.ports import ActionCatalogue
from templates_engine.reading.shapes import TEXT, Schema

Words = tuple[str, str]  # (中文, English)
NODE_KEY: Schema = {"type": "string", "pattern": r"\A[a-z][a-z0-9_-]{0,62}\Z"}


@dataclass
class Context:
    """The context of node checks. runs_job: the chain contains an automation.

    key: of the template being checked. templates: key → document of every published template. assumed: the conditions
    that are known to be true or false at the node being checked.
    """

    expressions: Expressions
    directory: Directory
    actions: ActionCatalogue
    runs_job: bool = False
    key: str = ""
    templates: Mapping[str, Document] = field(default_factory=dict)
    assumed: tuple[Assumption, ...] = ()

    @cached_property
    def opens(self) -> dict[str, set[str]]:
        """Template key → the templates of its sub-tickets, for every other published template."""
        return {key: children_of(document) for key, document in self.templates.items() if key != self.key}


class NodeType(ABC):
    """One node type. required, optional: its own keys, besides node, type and name.

    walks_all: a ticket goes through every inner chain, not through only one. verbs: what people can do with a task of
    such a node; a type without verbs asks nobody. shape: the brackets of its box in diagrams. words: key → its label in
    differences between versions; choices: key → keyword → its words; both (中文, English).
    """

    name: str
    walks_all: bool = False
    verbs: tuple[str, ...] = ()
    shape: tuple[str, str] = ("[", "]")
    words: Mapping[str, Words] = {}
    choices: Mapping[str, Mapping[str, Words]] = {}
    required: dict[str, Schema] = {}
    optional: dict[str, Schema] = {}

    def document_schema(self) -> Schema:
        """The schema of such a node in a template."""
        own = {"node": NODE_KEY, "type": {"const": self.name}}
        return {
            "type": "object",
            "properties": {**own, "name": TEXT, **self.required, **self.optional},
            "required": [*own, *self.required],
            "additionalProperties": False,
        }

    def check(self, node: Node, path: str, context: Context) -> Iterator[Finding]:  # noqa: ARG002
        """The findings for a node that fits its schema."""
        yield from ()

    def inner_chains(self, node: Node) -> Iterator[tuple[str, list[Node]]]:  # noqa: ARG002
        """(path suffix, chain) of every chain inside this node."""
        yield from ()
