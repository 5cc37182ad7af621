"""The default title of a ticket."""

from typing import Any

from templates_engine.parts import Document, Field, Node
from templates_engine.text import localize

LONGEST = 200


def default_title(document: Document, form: Any) -> str:
    """“服务重启 · mysql × 3”: the template's name, the first visible choice or line, and the number of hosts."""
    values = form if isinstance(form, dict) else {}
    shown = [field for field in document["form"] if not field.get("hidden_at")]
    title = localize(document["name"])
    for field in shown:
        value = values.get(field["key"])
        if field["type"] in ("text", "select") and isinstance(value, str) and value.isprintable() and value.strip():
            title += f" · {_label(field, value)}"
            break
    targets = _targets(document["chain"])
    hosts = next((values.get(f["key"]) for f in shown if f["type"] == "hosts" and f"form.{f['key']}" in targets), None)
    if isinstance(hosts, list) and hosts:
        title += f" × {len(hosts)}"
    return title[:LONGEST]


def _targets(chain: list[Node]) -> set[str]:
    """The `targets` of the chain's automation nodes."""
    found = {node["targets"] for node in chain if "targets" in node}
    for node in chain:
        for inner in (*node.get("cases", ()), *node.get("branches", ())):
            found |= _targets(inner["chain"])
    return found


def _label(field: Field, value: str) -> str:
    """A chosen option's label, or the text typed in."""
    labels = {o["value"]: o["label"] for o in field.get("options", []) if isinstance(o, dict)}
    return localize(labels.get(value, value))[:80]
