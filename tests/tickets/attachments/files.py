"""Test files, good and hostile ones, and requests that upload them."""

import hashlib
from io import BytesIO
from pathlib import Path

from tests.api.calls import Answer, Api
from tests.factories import NOW, user
from tickets.commands.upload import attach, upload
from tickets.files.content_types import Sniffer
from tickets.files.names import clean_name
from tickets.files.parsing import Upload
from tickets.models import Attachment, Ticket

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(16)
PDF = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog>>\nendobj\n"
ZIP = b"PK\x03\x04" + bytes(60)


def made(data: bytes, name: str = "a.txt") -> Upload:
    """An upload as the parser returns it."""
    sniffer = Sniffer()
    sniffer.feed(data)
    return Upload(
        BytesIO(data), name=clean_name(name), size=len(data), content_type=sniffer.content_type(),
        sha256=hashlib.sha256(data).hexdigest(),
    )  # fmt: skip


def uploaded(
    who: str = "alice", ticket: Ticket | None = None, data: bytes = b"hello", name: str = "a.txt", at=NOW
) -> Attachment:
    """A stored file: unbound, or added to this ticket."""
    if ticket is None:
        return upload(file=made(data, name), actor=user(who), at=at)
    return attach(number=ticket.number, file=made(data, name), actor=user(who), at=at)


def part(data: bytes = b"hello", name: str | None = "a.txt", field: str = "file", headers: str = "") -> bytes:
    """One part of a multipart body, as sent over the network."""
    filename = "" if name is None else f'; filename="{name}"'
    head = f'--b\r\nContent-Disposition: form-data; name="{field}"{filename}\r\n{headers}\r\n'
    return head.encode() + data + b"\r\n"


END = b"--b--\r\n"


def send(api: Api, body: bytes, path: str = "attachments", **headers: str) -> Answer:
    """POST a raw multipart body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kind = "multipart/form-data; boundary=b"
    return api.client.generic("POST", f"/api/v1/{path}", body, content_type=kind, headers=named)


def post(api: Api, data: bytes = b"hello", name: str = "a.txt", path: str = "attachments", **headers) -> Answer:
    """POST one file."""
    return send(api, part(data, name) + END, path, **headers)


def kept(folder: Path) -> list[Path]:
    """Every file in a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def body_of(answer: Answer) -> bytes:
    """The bytes of a download."""
    return answer.getvalue()
