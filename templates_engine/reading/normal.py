"""The normal form in which a checked document is stored, with short notations written out.

Pages, titles and cards read options in this form: a choice without its own label is a plain string, a cascade's option
always a mapping. The source stays as written.
"""

from typing import Any

from templates_engine.parts import Document


def normalise(document: Document) -> None:
    """Bring a document with a valid form into normal form, in place."""
    for field in document["form"]:
        for item in (field, *field.get("columns", [])):
            if "options" in item:
                item["options"] = _tree(item["options"]) if item["type"] == "cascade" else _choices(item["options"])


def _choices(options: list[Any]) -> list[Any]:
    return [option["value"] if isinstance(option, dict) and "label" not in option else option for option in options]


def _tree(options: list[Any]) -> list[dict[str, Any]]:
    whole: list[dict[str, Any]] = [{"value": option} if isinstance(option, str) else option for option in options]
    return [option | {"children": _tree(option["children"])} if "children" in option else option for option in whole]
