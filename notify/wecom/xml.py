"""Reader for WeCom's XML, which is untrusted until the signature has been checked (A20)."""

from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

MAX_BYTES = 64 * 1024
MAX_DEPTH = 5
ILLEGAL = {code: None for code in [*range(32), 0xFFFE, 0xFFFF] if code not in {9, 10, 13}}


class XmlError(Exception):
    """The document is not the plain XML that WeCom sends."""


def fields(document: str | bytes) -> dict[str, str]:
    """The text of each leaf directly below <xml>; containers are left out.

    Raises XmlError if it is too long, not UTF-8, nested too deep, has a DTD, an entity, a namespace or another root,
    or repeats an element, which two parsers could read as two different messages.
    """
    text = _decoded(document)
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise XmlError(type(error).__name__) from error
    if root.tag != "xml" or _depth(root) > MAX_DEPTH:
        raise XmlError("shape")
    found: dict[str, str] = {}
    names: set[str] = set()
    for child in root:
        if child.tag in names or "{" in child.tag:
            raise XmlError("duplicate or foreign element")
        names.add(child.tag)
        if len(child) == 0:
            found[child.tag] = (child.text or "").strip()
    return found


def _decoded(document: str | bytes) -> str:
    raw = document.encode() if isinstance(document, str) else document
    if len(raw) > MAX_BYTES:
        raise XmlError("too long")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise XmlError("not UTF-8") from error
    if "\0" in text:
        raise XmlError("not UTF-8")  # expat would read it as UTF-16
    return text


def _depth(root: Element) -> int:
    """The number of levels below the root, counted without recursion and only to just above MAX_DEPTH."""
    level, depth = list(root), 0
    while level and depth <= MAX_DEPTH:
        level, depth = [inner for element in level for inner in element], depth + 1
    return depth


def text(value: str) -> str:
    """The text as XML character data; characters that XML does not allow are left out."""
    return escape(value.translate(ILLEGAL))
