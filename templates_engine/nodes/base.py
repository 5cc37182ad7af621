"""What every node type answers about its document."""

from abc import ABC
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from templates_engine.directory import Directory
from templates_engine.expressions import Expressions
from templates_engine.findings import Finding
from templates_engine.judge import Assumption
from templates_engine.nodes.opens import children_of
from templates_engine.ports import ActionCatalogue
from templates_engine.shapes import TEXT, Schema

NODE_KEY: Schema = {"type": "string", "pattern": r"\A[a-z][a-z0-9_-]{0,62}\Z"}


@dataclass
class Context:
    """What checks of nodes may look at. runs_job: the chain holds an automation.

    key: of the template that is checked. templates: key → document of every template that is on offer.
    assumed: what is known to be true or false of conditions when the chain comes to the node that is checked.
    """

    expressions: Expressions
    directory: Directory
    actions: ActionCatalogue
    runs_job: bool = False
    key: str = ""
    templates: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    assumed: tuple[Assumption, ...] = ()

    @cached_property
    def opens(self) -> dict[str, set[str]]:
        """What every other template on offer opens sub-tickets of."""
        return {key: children_of(document) for key, document in self.templates.items() if key != self.key}


class NodeType(ABC):
    """One kind of node. `required` and `optional` are its own keys beside node, type and name.

    walks_all: a ticket goes through every inner chain, not through one of them.
    """

    name: str
    walks_all: bool = False
    required: dict[str, Schema] = {}
    optional: dict[str, Schema] = {}

    def document_schema(self) -> Schema:
        """The shape of such a node in a template."""
        own = {"node": NODE_KEY, "type": {"const": self.name}}
        return {
            "type": "object",
            "properties": {**own, "name": TEXT, **self.required, **self.optional},
            "required": [*own, *self.required],
            "additionalProperties": False,
        }

    def check(self, node: dict[str, Any], path: str, context: Context) -> Iterator[Finding]:  # noqa: ARG002
        """What is wrong with a node whose shape is right."""
        yield from ()

    def inner_chains(self, node: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:  # noqa: ARG002
        """(path suffix, chain) of every chain inside this node."""
        yield from ()
