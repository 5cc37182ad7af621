"""The one way in which a checked document is kept, whatever its author found shorter to write.

Pages, titles and cards read options: a choice without a label of its own is a plain string, a cascade's option always
a mapping. The source stays as it was written.
"""

from typing import Any


def normalise(document: dict[str, Any]) -> None:
    """Write a document whose form is sound in that way."""
    for field in document["form"]:
        for item in (field, *field.get("columns", [])):
            if "options" in item:
                item["options"] = _tree(item["options"]) if item["type"] == "cascade" else _choices(item["options"])


def _choices(options: list[Any]) -> list[Any]:
    return [option["value"] if isinstance(option, dict) and "label" not in option else option for option in options]


def _tree(options: list[Any]) -> list[dict[str, Any]]:
    whole: list[dict[str, Any]] = [{"value": option} if isinstance(option, str) else option for option in options]
    return [option | {"children": _tree(option["children"])} if "children" in option else option for option in whole]
