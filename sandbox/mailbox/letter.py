"""Parsing of a mail for display."""

import base64
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import default
from html import unescape

CID = re.compile(r"(['\"(])cid:([^'\")\s]+)")
HREF = re.compile(r"<a\s[^>]*?href\s*=\s*(['\"])(.*?)\1", re.IGNORECASE | re.DOTALL)
ADDRESS = re.compile(r"https?://[^\s<>\"'，。）)]+")


@dataclass(frozen=True)
class Attachment:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """`headers` in their order, decoded; `html` with embedded pictures inlined; `links` without repeats."""

    subject: str
    headers: list[tuple[str, str]]
    text: str
    html: str
    links: list[str]
    attachments: list[Attachment]


def read_letter(raw: bytes) -> Letter:
    message = message_from_bytes(raw, policy=default)
    text, html = body_of(message, "plain"), body_of(message, "html")
    return Letter(
        subject=one_line(message.get("Subject", "")),
        headers=[(name, one_line(value)) for name, value in message.items()],
        text=text,
        html=with_pictures(html, message) if html else "",
        links=links_in(text, html),
        attachments=[attachment_of(part) for part in message.iter_attachments() if part.get_filename()],
    )


def one_line(value: object) -> str:
    return " ".join(str(value).split())


def body_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return decoded(part) if part else ""


def decoded(part: MIMEPart) -> str:
    """The text of a part; a wrong or unknown charset is read as UTF-8, with U+FFFD for invalid bytes."""
    content = content_of(part).replace(b"\r\n", b"\n")
    try:
        return content.decode(part.get_content_charset() or "utf-8")
    except (UnicodeDecodeError, LookupError):
        return content.decode("utf-8", "replace")


def content_of(part: MIMEPart) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def attachment_of(part: EmailMessage) -> Attachment:
    return Attachment(part.get_filename() or "", part.get_content_type(), content_of(part))


def with_pictures(html: str, message: EmailMessage) -> str:
    """Replace references to pictures in the mail with data URLs."""
    pictures = {str(part["Content-ID"]).strip("<> "): part for part in message.walk() if part["Content-ID"]}

    def picture(found: re.Match[str]) -> str:
        part = pictures.get(found[2])
        if part is None or part.get_content_maintype() != "image":
            return found[0]
        data = base64.b64encode(content_of(part)).decode()
        return f"{found[1]}data:{part.get_content_type()};base64,{data}"

    return CID.sub(picture, html)


def links_in(text: str, html: str) -> list[str]:
    found = [unescape(href) for _, href in HREF.findall(html)] + ADDRESS.findall(text)
    return list(dict.fromkeys(found))
