"""The name of a file, made fit for people: no path, nothing invisible, nothing that turns the reading direction."""

import re
import unicodedata
from urllib.parse import quote

LONGEST = 200
LONGEST_EXTENSION = 20
NAMELESS = "file"
# Control and format characters (bidi overrides and zero-width ones among them), halves of surrogate pairs, private use,
# unassigned; line and paragraph separators.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_RESERVED = str.maketrans(dict.fromkeys("<>:|?*", "_"))  # what some system cannot have in a name
_ESCAPED = {"%22": '"', "%0D": "\r", "%0A": "\n"}  # how browsers write these in a form, and they alone
_PLAIN = re.compile(r"[A-Za-z0-9 !#$&+,.=@^_`{}~()\[\]-]+")
_ATTRIBUTE = "!#$&+-.^_`|~"  # what may stand unescaped beside letters and digits (RFC 8187)


def from_wire(given: str) -> str:
    """The name as it was before the browser put it into its form: a quote is sent as %22."""
    return re.sub("%22|%0[AD]", lambda found: _ESCAPED[found[0]], given)


def disposition(name: str) -> str:
    """Content-Disposition of a download of this clean name (RFC 6266): whole, and nearly whole for old readers.

    A name with a quote, a percent sign or anything but ASCII goes encoded: readers differ about it within quotes.
    """
    if _PLAIN.fullmatch(name):
        return f'attachment; filename="{name}"'
    nearly = re.sub(r"[^A-Za-z0-9 ._()-]", "_", unicodedata.normalize("NFKD", name).encode("ascii", "replace").decode())
    return f"attachment; filename=\"{nearly}\"; filename*=UTF-8''{quote(name, safe=_ATTRIBUTE)}"


def clean_name(given: str) -> str:
    """The base name to show and to offer when downloading; never empty, at most LONGEST characters."""
    base = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(character for character in base if unicodedata.category(character) not in _DROPPED)
    name = " ".join(visible.translate(_RESERVED).split()).rstrip(". ")
    if len(name) > LONGEST:
        stem, dot, end = name.rpartition(".")
        tail = dot + end if stem and len(end) <= LONGEST_EXTENSION else ""
        name = name[: LONGEST - len(tail)].rstrip(". ") + tail
    return name or NAMELESS


def extension(name: str) -> str:
    """The last extension in lower case without its dot, which is the one that systems act on; "" for none.

    A leading dot makes no extension.
    """
    stem, _dot, end = name.rpartition(".")
    return end.lower() if stem else ""
