"""Parse one upload as a stream: limited while read, hashed, its type detected, nothing left behind (A42).

Small files stay in memory; larger ones go to an unnamed temporary file, which disappears with the process.
"""

import hashlib
import tempfile
from collections.abc import Callable
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.base import File
from django.core.files.uploadhandler import FileUploadHandler
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import BaseParser, DataAndFiles

from tickets.files.content_types import Sniffer
from tickets.files.errors import AttachmentTooLarge
from tickets.files.names import clean_name, from_wire
from tickets.files.storage import full_is_a_refusal

PART = "file"
IN_MEMORY = 1024 * 1024
ENVELOPE = 64 * 1024  # room for the boundaries and the part's headers


def no_such_key() -> ErrorDetail:
    """The error for an unexpected part."""
    return ErrorDetail(_("There is no such key here."), code="unknown_key")


class Upload(File):
    """A file that was received completely. name: cleaned. Closing it deletes it."""

    name: str

    def __init__(self, file: IO[bytes], *, name: str, size: int, content_type: str, sha256: str) -> None:
        super().__init__(file, name=name)
        self.size, self.content_type, self.sha256 = size, content_type, sha256


def require_content(file: Upload | None) -> Upload:
    """Return the file if it was sent and is not empty. Raises ValidationError."""
    if file is None:
        raise ValidationError({PART: [ErrorDetail(_("Send the file as the part `file`."), code="required")]})
    if not file.size:
        raise ValidationError({PART: [ErrorDetail(_("The file is empty."), code="empty_file")]})
    return file


class OneFile(FileUploadHandler):
    """Accepts one file part named `file`, and refuses it as soon as it is longer than allowed."""

    def __init__(self) -> None:
        super().__init__()
        self._file: IO[bytes] | None = None
        self._name = ""

    def new_file(self, field_name: str, file_name: str, *_args: Any, **_kwargs: Any) -> None:
        """Start a file part. Raises ValidationError."""
        if field_name != PART:
            raise ValidationError(
                {field_name[:100]: [ErrorDetail(_("There is no such key here."), code="unknown_key")]}
            )
        if self._file is not None:
            raise ValidationError({PART: [ErrorDetail(_("Send one file at a time."), code="too_many_items")]})
        self._name = clean_name(from_wire(file_name))
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (the request closes it)
        self._hash, self._sniffer, self._size = hashlib.sha256(), Sniffer(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 (Django's signature)
        """Take the next bytes. Raises AttachmentTooLarge, StorageFull."""
        assert self._file is not None  # noqa: S101 (Django begins every part with new_file)
        self._size += len(raw_data)
        if self._size > settings.ATTACHMENT_MAX_BYTES:
            raise AttachmentTooLarge
        self._hash.update(raw_data)
        self._sniffer.feed(raw_data)
        with full_is_a_refusal():
            self._file.write(raw_data)

    def file_complete(self, file_size: int) -> Any:  # noqa: ARG002 (Django's signature)
        """Return the upload, positioned at its start."""
        assert self._file is not None  # noqa: S101
        self._file.seek(0)
        return Upload(
            self._file, name=self._name, size=self._size, content_type=self._sniffer.content_type(),
            sha256=self._hash.hexdigest(),
        )  # fmt: skip

    def close(self) -> None:
        """Discard the received bytes."""
        if self._file is not None:
            self._file.close()


class Counted:
    """Wraps a request's stream and counts the bytes read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._read: Callable[[int], bytes] = stream.read
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        """Read the next bytes."""
        data = self._read(size)
        self.given += len(data)
        return data


class OneFileParser(BaseParser):
    """multipart/form-data with exactly one part: the file."""

    media_type = "multipart/form-data"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> DataAndFiles:
        """{file: Upload}. Raises AttachmentTooLarge (unread, by Content-Length), ParseError, ValidationError."""
        meta = {**parser_context["request"].META, "CONTENT_TYPE": media_type}
        promised = int(meta.get("CONTENT_LENGTH") or 0)
        if promised > settings.ATTACHMENT_MAX_BYTES + ENVELOPE:
            raise AttachmentTooLarge
        handler = OneFile()
        try:
            return self._whole(meta, Counted(stream), handler, promised)
        except BaseException:
            handler.close()
            raise

    def _whole(self, meta: dict[str, Any], stream: Counted, handler: OneFile, promised: int) -> DataAndFiles:
        parts, files = self._read(meta, stream, handler)
        if stream.given < promised:
            raise ParseError(_("The upload was interrupted. Send it again."))
        foreign = [name for name in parts if name != PART]
        if foreign:
            raise ValidationError({name[:100]: [no_such_key()] for name in foreign})
        require_content(files.get(PART))
        return DataAndFiles(parts, files)

    @staticmethod
    def _read(meta: dict[str, Any], stream: Any, handler: OneFile) -> tuple[Any, Any]:
        try:
            return MultiPartParser(meta, stream, [handler]).parse()
        except (MultiPartParserError, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent) as error:
            raise ParseError(_("Not a form with one file.")) from error
        except UnreadablePostError as error:
            raise ParseError(_("The upload was interrupted. Send it again.")) from error
