"""Cards in the XML of passive replies: CamelCase elements, arrays as repeated elements without a wrapper."""

import re
from typing import Any
from xml.etree.ElementTree import Element

ARRAYS = {
    "action_list", "button_list", "horizontal_content_list", "jump_list", "option_list", "select_list",
    "vertical_content_list",
}  # fmt: skip
WHOLE_NUMBERS = {"desc_color", "mode", "style", "type"}
TRUTHS = {"disable", "is_checked"}
SPELLINGS = {
    "KeyName": "keyname",
    "CheckBox": "checkbox",
    "AppId": "appid",
    "PagePath": "pagepath",
    "UserId": "userid",
}


def card_from_xml(element: Element) -> dict[str, Any]:
    """The JSON form of a TemplateCard element; invalid numbers are left out."""
    card: dict[str, Any] = {}
    for child in element:
        name = SPELLINGS.get(child.tag) or re.sub(r"(?<!^)(?=[A-Z])", "_", child.tag).lower()
        value = card_from_xml(child) if len(child) else scalar(name, (child.text or "").strip())
        if name in ARRAYS:
            card.setdefault(name, []).append(value)
        elif value is not None:
            card[name] = value
    return card


def scalar(name: str, text: str) -> str | int | float | bool | None:
    if name in WHOLE_NUMBERS:
        return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else None
    if name in TRUTHS:
        return text.lower() in {"1", "true"}
    if name == "aspect_ratio":
        return float(text) if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", text) else None
    return text
