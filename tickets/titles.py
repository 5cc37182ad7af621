"""What a ticket without a title is called."""

from typing import Any

from templates_engine.text import localize

LONGEST = 200


def default_title(document: dict[str, Any], form: Any) -> str:
    """“服务重启 · mysql × 3”: the template's name, the first choice or line that is no secret, and the hosts."""
    values = form if isinstance(form, dict) else {}
    shown = [field for field in document["form"] if not field.get("hidden_at")]
    title = localize(document["name"])
    for field in shown:
        value = values.get(field["key"])
        if field["type"] in ("text", "select") and isinstance(value, str) and value.isprintable() and value.strip():
            title += f" · {_label(field, value)}"
            break
    hosts = next((values.get(field["key"]) for field in shown if field["type"] == "hosts"), None)
    if isinstance(hosts, list) and hosts:
        title += f" × {len(hosts)}"
    return title[:LONGEST]


def _label(field: dict[str, Any], value: str) -> str:
    """A chosen option's label, or the words typed in."""
    labels = {o["value"]: o["label"] for o in field.get("options", []) if isinstance(o, dict)}
    return localize(labels.get(value, value))[:80]
