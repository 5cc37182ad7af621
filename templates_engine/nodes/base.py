"""What every node type answers about its document."""

from abc import ABC
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from templates_engine.approvers import Rule
from templates_engine.expressions import Expressions
from templates_engine.findings import Finding, suggest
from templates_engine.ports import ActionCatalogue
from templates_engine.shapes import TEXT, Schema

NODE_KEY: Schema = {"type": "string", "pattern": r"\A[a-z][a-z0-9_-]{0,62}\Z"}


@dataclass
class Directory:
    """The names that a template may use: of roles, people and departments."""

    roles: set[str] = field(default_factory=set)
    usernames: set[str] = field(default_factory=set)
    departments: set[str] = field(default_factory=set)


@dataclass
class Context:
    """What checks of nodes may look at. runs_job: the chain holds an automation that changes something."""

    expressions: Expressions
    directory: Directory
    actions: ActionCatalogue
    runs_job: bool = False


class NodeType(ABC):
    """One kind of node. `required` and `optional` are its own keys beside node, type and name."""

    name: str
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


def check_rules(rules: list[Rule], path: str, directory: Directory) -> Iterator[Finding]:
    """Roles and people that do not exist."""
    for index, rule in enumerate(rules):
        ((kind, value),) = rule.items()
        here = f"{path}[{index}].{kind}"
        if kind == "role" and value not in directory.roles:
            yield Finding("unknown_role", here, {"key": value, "suggestion": suggest(value, list(directory.roles))})
        elif kind == "user" and value not in directory.usernames:
            yield Finding("unknown_user", here, {"key": value})


__all__ = ["NODE_KEY", "Context", "Directory", "NodeType", "check_rules"]
