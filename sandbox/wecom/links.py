"""The links of a message, by name. A phone opens only links that are in the member's chat."""

from typing import Any
from urllib.parse import urlsplit

from sandbox.wecom.cards.fields import items, kind, obj, string
from sandbox.wecom.rich import lines_of

FILE = "media:"
LISTS = ("horizontal_content_list", "button_list", "jump_list")
AREAS = ("card_action", "quote_area", "image_text_area")


def links_of(msgtype: str, content: dict[str, Any]) -> dict[str, str]:
    """Name → URL, or `media:<id>` for a file. URLs that are not http(s) are left out."""
    if msgtype == "template_card":
        found = card_links(content)
    elif msgtype == "file":
        found = {"file": FILE + content["media_id"]}
    else:
        spans = [span for line in lines_of(msgtype, content) for span in line["spans"]]
        found = {f"text/{i}": href for i, href in enumerate(s["href"] for s in spans if "href" in s)}
        if msgtype == "textcard":
            found["textcard"] = content["url"]
    return {name: target for name, target in found.items() if can_open(target)}


def card_links(card: dict[str, Any]) -> dict[str, str]:
    links = {name: string(obj(card, name), "url") for name in AREAS if kind(obj(card, name)) == 1}
    for name in LISTS:
        for place, item in enumerate(items(card, name)):
            if kind(item) == 1:
                links[f"{name}/{place}"] = string(item, "url")
            elif kind(item) == 2 and string(item, "media_id"):
                links[f"{name}/{place}"] = FILE + string(item, "media_id")
    return links


def can_open(target: str) -> bool:
    if target.startswith(FILE):
        return True
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
