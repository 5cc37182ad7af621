"""HTML pages: the list of mails, and one mail."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from sandbox.mailbox.letter import Letter, read_letter
from sandbox.web.database import Row
from sandbox.web.html import Markup, tag
from sandbox.web.language import Words
from sandbox.web.page import document, other_language

STYLES = ["/static/mailbox/mailbox.css"]
SCRIPTS = ["/static/mailbox/mailbox.js"]
# What a mail's own page may do: open links in a new tab, nothing else.
FRAME_RIGHTS = "allow-popups allow-popups-to-escape-sandbox"


@dataclass(frozen=True)
class Shown:
    """What the list shows. `last_id` is the newest mail of all: the page reloads when it changes."""

    mails: list[Row]
    addresses: list[str]
    chosen: str
    last_id: int


def moment(received_at: float) -> Markup:
    """UTC for those without scripts; the script turns it into local time."""
    at = datetime.fromtimestamp(received_at, UTC)
    return tag("time", at.strftime("%m-%d %H:%M"), datetime=at.isoformat())


def side(addresses: list[str], chosen: str, language: str, words: Words) -> Markup:
    filters = [("", words["everybody"]), *((address, address) for address in addresses)]
    links = [
        tag(
            "li",
            tag(
                "a",
                text,
                href="/?" + urlencode({"to": address}),
                aria_current="page" if address == chosen else None,
            ),
        )
        for address, text in filters
    ]
    return tag(
        "aside",
        tag(
            "header",
            tag("span", class_="mark", aria_hidden="true"),
            tag("h1", words["title"]),
            other_language(language, words["language"]),
        ),
        tag("p", words["note"], class_="note"),
        tag("nav", tag("ul", links, class_="filters"), aria_label=words["recipients"]),
        class_="side",
    )


def list_page(shown: Shown, smtp_port: int, language: str, words: Words) -> str:
    rows = [list_row(mail, words) for mail in shown.mails]
    hint = words["empty_hint"].replace("{port}", str(smtp_port))
    empty = tag("p", tag("b", words["empty"]), tag("br"), hint, class_="empty")
    content = tag("ol", rows, class_="mails", aria_label=words["mails"]) if rows else empty
    aside = side(shown.addresses, shown.chosen, language, words)
    body = tag("div", aside, tag("main", content), class_="stage")
    last = str(shown.last_id)
    return document(words["title"], language, [body], styles=STYLES, scripts=SCRIPTS, data_last=last)


def list_row(mail: Row, words: Words) -> Markup:
    letter = read_letter(mail["raw"])
    preview = " ".join(letter.text.split())[:160]
    return tag(
        "li",
        tag(
            "a",
            tag("span", ", ".join(json.loads(mail["recipients"])), class_="to"),
            tag("b", letter.subject or words["no_subject"]),
            tag("span", preview, class_="preview"),
            moment(mail["received_at"]),
            href=f"/mail/{mail['id']}",
            data_mail=str(mail["id"]),
        ),
    )


def mail_page(mail: Row, letter: Letter, language: str, words: Words) -> str:
    to = json.loads(mail["recipients"])
    main = tag(
        "main",
        tag(
            "nav",
            tag("a", f"‹ {words['back']}", href="/"),
            other_language(language, words["language"]),
            class_="top",
        ),
        tag("h2", letter.subject or words["no_subject"]),
        tag(
            "dl",
            fact(words["from"], mail["sender"]),
            fact(words["to"], ", ".join(to)),
            fact(words["at"], moment(mail["received_at"])),
            class_="facts",
        ),
        attachments(mail["id"], letter, words),
        parts(mail, letter, words),
        class_="one",
    )
    title = f"{letter.subject} · {words['title']}"
    return document(title, language, [main], styles=STYLES, scripts=SCRIPTS)


def fact(name: str, value: str | Markup) -> Markup:
    return tag("div", tag("dt", name), tag("dd", value))


def attachments(mail_id: int, letter: Letter, words: Words) -> Markup | None:
    if not letter.attachments:
        return None
    links = [
        tag("a", one.name, tag("small", f"{len(one.content):,} B"), href=f"/mail/{mail_id}/file/{place}")
        for place, one in enumerate(letter.attachments)
    ]
    return tag("ul", [tag("li", link) for link in links], class_="files", aria_label=words["attachments"])


def parts(mail: Row, letter: Letter, words: Words) -> Markup:
    """Sections that fold; the HTML, or the text if there is no HTML, is open."""
    frame = tag(
        "iframe",
        src=f"/mail/{mail['id']}/html",
        sandbox=FRAME_RIGHTS,
        title=words["html"],
        referrerpolicy="no-referrer",
    )
    lines = "\n".join(f"{name}: {value}" for name, value in letter.headers)
    source = mail["raw"].decode("utf-8", "replace")
    html = frame if letter.html else None
    text = tag("pre", letter.text, id="text") if letter.text else None
    return tag(
        "div",
        section(words["html"], html, words, is_open=html is not None),
        section(words["text"], text, words, is_open=html is None),
        section(words["headers"], tag("pre", lines), words),
        section(words["source"], tag("pre", source, id="source"), words),
        class_="parts",
    )


def section(name: str, content: Markup | None, words: Words, *, is_open: bool = False) -> Markup:
    body = content if content is not None else tag("p", words["nothing"], class_="muted")
    return tag("details", tag("summary", name), body, open=is_open)
