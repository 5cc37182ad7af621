"""media/upload and media/get."""

import re
import secrets
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from starlette.responses import Response

from sandbox.web.database import Row
from sandbox.wecom.api.call import Call
from sandbox.wecom.errors import ApiError
from sandbox.wecom.world import World

MEGABYTE = 1024 * 1024
LARGEST = {"image": 10 * MEGABYTE, "voice": 2 * MEGABYTE, "video": 10 * MEGABYTE, "file": 20 * MEGABYTE}
SMALLEST = 6
LIFETIME_S = 3 * 24 * 3600
FILENAME = re.compile(rb'filename="((?:[^"\\\r\n]|\\.)*)"')


@dataclass(frozen=True)
class Upload:
    filename: str
    content_type: str
    content: bytes


async def upload(world: World, call: Call) -> dict[str, Any]:
    kind = call.param("type")
    if kind not in LARGEST:
        raise ApiError(40004, "type")
    part = media_part(call)
    if len(part.content) < SMALLEST:
        raise ApiError(40006, "media")
    if len(part.content) > LARGEST[kind]:
        raise ApiError(45001, "media")
    media_id, now = secrets.token_urlsafe(48), world.now()
    world.store.run(
        "INSERT INTO media VALUES (?, ?, ?, ?, ?, ?)",
        media_id, kind, part.filename, part.content_type, part.content, now,
    )  # fmt: skip
    call.facts.update(media_id=media_id, filename=part.filename, size=len(part.content))
    return {"type": kind, "media_id": media_id, "created_at": str(int(now))}


def media_part(call: Call) -> Upload:
    """The part named media. Its file name must be plain UTF-8: the platform ignores `filename*=`."""
    head = f"Content-Type: {call.content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + call.raw)
    for part in message.iter_parts() if message.is_multipart() else ():
        if part.get_param("name", header="content-disposition") != "media":
            continue
        content = part.get_payload(decode=True)
        filename = raw_filename(call.raw)
        if filename and isinstance(content, bytes):
            return Upload(filename, part.get_content_type(), content)
    raise ApiError(44001)


def raw_filename(body: bytes) -> str:
    """The file name, read from the raw bytes: the mail parser does not support unencoded UTF-8 in a header."""
    for head in re.findall(rb'(?im)^content-disposition:[^\r\n]*name="media"[^\r\n]*', body):
        found = FILENAME.search(head)
        if found:
            return found.group(1).decode("utf-8", "replace").replace("\\", "").rpartition("/")[2]
    return ""


def live_media(world: World, media_id: str) -> Row:
    """Raises 40007 for an unknown or expired id."""
    row = world.store.one(
        "SELECT * FROM media WHERE media_id = ? AND created_at > ?", media_id, world.now() - LIFETIME_S
    )
    if row is None:
        raise ApiError(40007)
    return row


async def get_media(world: World, call: Call) -> Response:
    if not call.param("media_id"):
        raise ApiError(41006)
    return download(live_media(world, call.param("media_id")))


def download(row: Row) -> Response:
    """The file, always as a download: uploaded content must not run in this origin."""
    name = re.sub(r'[\r\n"\\]', "", row["filename"])
    response = Response(row["content"], media_type="application/octet-stream")
    response.raw_headers.append((b"content-disposition", f'attachment; filename="{name}"'.encode()))
    return response
