"""网络钩子: notifies another system."""

from collections.abc import Iterator

from templates_engine.findings.finding import Finding
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.rules import check_expression
from templates_engine.parts import Node
from templates_engine.ports import webhook_problem
from templates_engine.reading.shapes import KEY, Schema

# A literal, so that no form value chooses the address (A40): https, a host, no user name.
URL: Schema = {
    "type": "string",
    "maxLength": 2000,
    "pattern": r"\Ahttps://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?([/?][!-~]*)?\Z",
}


class Webhook(NodeType):
    """Calls another system; the chain continues at once. Values of `body` are CEL, or literals that are not strings."""

    name = "webhook"
    required = {"url": URL}
    optional = {"body": {"type": "object", "maxProperties": 50, "propertyNames": KEY}}
    shape = (">", "]")
    words = {"url": ("地址", "address"), "body": ("内容", "body")}

    def check(self, node: Node, path: str, context: Context) -> Iterator[Finding]:
        """Check the URL and the expressions.

        A host that the settings do not allow is a warning, because the settings can change. An expression that is just
        one field may be empty; null is sent then.
        """
        problem = webhook_problem(node["url"])
        if problem:
            yield Finding("webhook_not_allowed", f"{path}.url", {"problem": problem})
        for name, source in node.get("body", {}).items():
            if isinstance(source, str):
                yield from check_expression(source, f"{path}.body.{name}", context, may_be_empty=True)
