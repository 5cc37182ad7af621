"""Parser for the limited markup of WeCom messages, into plain spans. Anything else stays text."""

import re
from html import unescape
from typing import Any

Span = dict[str, Any]
Line = dict[str, Any]

ANCHOR = re.compile(r"<a\s[^>]*?href\s*=\s*(['\"])(?P<href>.*?)\1[^>]*>(?P<text>.*?)</a>", re.IGNORECASE | re.DOTALL)
BLOCK = re.compile(
    r"<div\s+class\s*=\s*['\"]?(?P<tone>gray|highlight|normal)['\"]?\s*>(?P<text>.*?)</div>",
    re.IGNORECASE | re.DOTALL,
)
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
INLINE = re.compile(
    r"\*\*(?P<bold>.+?)\*\*"
    r"|`(?P<code>[^`]+)`"
    r"|\[(?P<label>[^\]]+)\]\((?P<href>[^)\s]+)\)"
    r"|<font\s+color\s*=\s*['\"](?P<tone>info|comment|warning)['\"]\s*>(?P<text>.*?)</font>"
)
HEADING = re.compile(r"(#{1,6})\s+(.*)")


def text_lines(text: str) -> list[Line]:
    """A text message: line breaks and links."""
    spans: list[Span] = []
    place = 0
    for found in ANCHOR.finditer(text):
        spans += [
            {"text": text[place : found.start()]},
            {"text": found["text"], "href": unescape(found["href"])},
        ]
        place = found.end()
    spans.append({"text": text[place:]})
    return [{"style": "plain", "spans": [span for span in spans if span["text"]]}]


def textcard_lines(text: str) -> list[Line]:
    """A textcard's description: div blocks in three tones, and br."""
    lines: list[Line] = []
    place = 0
    for found in BLOCK.finditer(text):
        lines += toned(text[place : found.start()], "normal") + toned(found["text"], found["tone"].lower())
        place = found.end()
    return lines + toned(text[place:], "normal")


def toned(text: str, tone: str) -> list[Line]:
    if not text:
        return []
    return [{"style": "plain", "spans": [{"text": unescape(part), "tone": tone}]} for part in BREAK.split(text)]


def markdown_lines(text: str) -> list[Line]:
    return [markdown_line(line) for line in text.split("\n")]


def markdown_line(line: str) -> Line:
    heading = HEADING.fullmatch(line)
    if heading:
        return {"style": f"h{len(heading[1])}", "spans": inline(heading[2])}
    if line.startswith(">"):
        return {"style": "quote", "spans": inline(line.lstrip("> "))}
    return {"style": "plain", "spans": inline(line)}


def inline(text: str) -> list[Span]:
    spans: list[Span] = []
    place = 0
    for found in INLINE.finditer(text):
        spans += [{"text": text[place : found.start()]}, inline_span(found)]
        place = found.end()
    spans.append({"text": text[place:]})
    return [span for span in spans if span["text"]]


def inline_span(found: re.Match[str]) -> Span:
    if found["bold"]:
        return {"text": found["bold"], "bold": True}
    if found["code"]:
        return {"text": found["code"], "code": True}
    if found["label"]:
        return {"text": found["label"], "href": found["href"]}
    return {"text": found["text"] or "", "tone": found["tone"]}


LINES = {
    "text": lambda content: text_lines(content["content"]),
    "markdown": lambda content: markdown_lines(content["content"]),
    "textcard": lambda content: textcard_lines(content["description"]),
}


def lines_of(msgtype: str, content: dict[str, Any]) -> list[Line]:
    """Lines of spans `{text, href?, bold?, code?, tone?}`; empty for messages without such text."""
    return LINES[msgtype](content) if msgtype in LINES else []
