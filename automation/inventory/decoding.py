"""Decode the bytes of an inventory file into text, however Excel or an editor saved it."""

import codecs
import re

from django.utils.translation import gettext as _

from automation.inventory.problems import Unreadable, unreadable
from common.yaml_reader import INVENTORY

ZIP = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"  # .xls, and .xlsx with a password
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\ue000-\uf8ff]")  # decoded binary data sometimes holds these


def is_workbook(raw: bytes) -> bool:
    """Whether these bytes are an Excel workbook in the current format (.xlsx)."""
    return raw.startswith(ZIP)


def decode(raw: bytes) -> str:
    """UTF-8, UTF-16 or GB18030 (so GBK too), with or without byte order mark, no bytes replaced. Raises Unreadable."""
    if len(raw) > INVENTORY.size:
        raise unreadable("", _("The file is too large: %(limit)s bytes at most. Split it.") % {"limit": INVENTORY.size})
    if raw.startswith(OLD_WORKBOOK):
        message = _("This is an old or protected Excel workbook. Save it as .xlsx without a password, or as CSV UTF-8.")
        raise unreadable("", message)
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            return _text(raw[len(mark) :], (encoding,))
    return _text(raw, (_unmarked_utf16(raw) or "utf-8", "gb18030"))


def _unmarked_utf16(raw: bytes) -> str | None:
    """Inventories are mostly ASCII, and in UTF-16 every second byte of ASCII is zero."""
    half = len(raw) // 2
    if half and raw[1::2].count(0) > half * 0.6:
        return "utf-16-le"
    return "utf-16-be" if half and raw[0::2].count(0) > half * 0.6 else None


def _text(raw: bytes, encodings: tuple[str, ...]) -> str:
    errors = []
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            errors.append(error.start)
        else:
            odd = _NOT_TEXT.search(text)
            if odd is None:
                return text
            errors.append(len(text[: odd.start()].encode(encoding)))
    raise _undecodable(raw, max(errors))


def _undecodable(raw: bytes, at: int) -> Unreadable:
    line = raw.count(b"\n", 0, at) + 1
    message = _("This is not text in UTF-8, UTF-16 or GB18030. In Excel choose Save As, CSV UTF-8.")
    return unreadable(f"line {line}", message)
