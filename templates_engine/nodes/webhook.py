"""网络钩子: a machine is told."""

from collections.abc import Iterator
from typing import Any

from templates_engine.findings import Finding
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.rules import check_expression
from templates_engine.ports import webhook_problem
from templates_engine.shapes import KEY, Schema

# A literal, so that no form value leads anywhere (A40): https, a host, no user in front of it.
URL: Schema = {
    "type": "string",
    "maxLength": 2000,
    "pattern": r"\Ahttps://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?([/?][!-~]*)?\Z",
}


class Webhook(NodeType):
    """Tells a machine and goes on at once. Values of `body` are CEL, or literals that are no strings."""

    name = "webhook"
    required = {"url": URL}
    optional = {"body": {"type": "object", "maxProperties": 50, "propertyNames": KEY}}

    def check(self, node: dict[str, Any], path: str, context: Context) -> Iterator[Finding]:
        """Expressions that do not type: one that is just a field may find it empty, it is sent as null. A host that
        the settings do not allow, as a warning: they can be changed."""
        problem = webhook_problem(node["url"])
        if problem:
            yield Finding("webhook_not_allowed", f"{path}.url", {"problem": problem})
        for name, source in node.get("body", {}).items():
            if isinstance(source, str):
                yield from check_expression(source, f"{path}.body.{name}", context, may_be_empty=True)
