"""HTML builder: all text is escaped unless it was made by `tag`."""

from html import escape

VOID = {"br", "hr", "img", "input", "link", "meta"}


class Markup(str):
    """HTML that is already safe to send."""

    __slots__ = ()


def text(value: object) -> Markup:
    return value if isinstance(value, Markup) else Markup(escape(str(value)))


def tag(name: str, /, *children: Markup | str | list[Markup] | None, **attributes: str | bool | None) -> Markup:
    """One element. Attribute names: trailing and inner underscores become dashes (`data_id`, `class_`).

    True writes a bare attribute; None and False leave it out.
    """
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.strip("_").replace("_", "-")
        parts.append(f" {attribute}" if value is True else f' {attribute}="{escape(str(value))}"')
    parts.append(">")
    if name in VOID:
        return Markup("".join(parts))
    for child in children:
        if isinstance(child, list):
            parts.extend(text(one) for one in child)
        elif child is not None:
            parts.append(text(child))
    parts.append(f"</{name}>")
    return Markup("".join(parts))
