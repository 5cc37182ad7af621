"""Compares the fields of two forms."""

from collections.abc import Iterator

from templates_engine.compare.change_messages import say, what
from templates_engine.compare.changes import Change, settings
from templates_engine.parts import Document, Field


def compare_forms(old: Document, new: Document) -> Iterator[Change]:
    """The changes between two documents' forms: new and kept fields in the new order, then removed ones."""
    before = {item["key"]: item for item in old["form"]}
    after = {item["key"]: item for item in new["form"]}
    for index, (key, item) in enumerate(after.items()):
        path = f"form[{index}]"
        if key not in before:
            yield Change("field_added", path, {"name": key, "type": item["type"]})
        else:
            yield from _field(path, before[key], item)
    for index, key in enumerate(before):
        if key not in after:
            yield Change("field_removed", f"form[{index}]", {"name": key})
    kept = [key for key in after if key in before]
    if kept != [key for key in before if key in after]:
        yield Change("fields_reordered", "form", {"after": ", ".join(after)})


def _field(path: str, old: Field, new: Field) -> Iterator[Change]:
    named = {"name": new["key"]}
    sides = [{key: value for key, value in item.items() if key != "options"} for item in (old, new)]
    yield from settings("field_setting", path, named, *sides)
    before, after = old.get("options", []), new.get("options", [])
    gone = [option for option in before if option not in after]
    come = [option for option in after if option not in before]
    if come:
        yield Change("options_added", f"{path}.options", {**named, "after": say(come, "options")})
    if gone:
        yield Change("options_removed", f"{path}.options", {**named, "before": say(gone, "options")})
    if before != after and not come and not gone:
        details = {**named, "what": what("options"), "before": say(before, "options"), "after": say(after, "options")}
        yield Change("field_setting_changed", f"{path}.options", details)
