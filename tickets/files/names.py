"""Clean file names for display: no path, no invisible characters, no change of text direction."""

import re
import unicodedata
from urllib.parse import quote

LONGEST = 200
LONGEST_EXTENSION = 20
NAMELESS = "file"
# Control and format characters (with bidi overrides and zero-width ones), surrogates, private use, unassigned; line
# and paragraph separators.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_RESERVED = str.maketrans(dict.fromkeys("<>:|?*", "_"))  # not allowed in names on some systems
_ESCAPED = {"%22": '"', "%0D": "\r", "%0A": "\n"}  # browsers escape exactly these in multipart forms
_PLAIN = re.compile(r"[A-Za-z0-9 !#$&+,.=@^_`{}~()\[\]-]+")
_ATTRIBUTE = "!#$&+-.^_`|~"  # allowed unescaped besides letters and digits (RFC 8187)


def from_wire(given: str) -> str:
    """The name before the browser escaped it for the form: a quote is sent as %22."""
    return re.sub("%22|%0[AD]", lambda found: _ESCAPED[found[0]], given)


def disposition(name: str) -> str:
    """Content-Disposition for downloading this clean name (RFC 6266), with an ASCII fallback for old clients.

    A name with a quote, a percent sign or non-ASCII characters is encoded, because clients parse those differently.
    """
    if _PLAIN.fullmatch(name):
        return f'attachment; filename="{name}"'
    nearly = re.sub(r"[^A-Za-z0-9 ._()-]", "_", unicodedata.normalize("NFKD", name).encode("ascii", "replace").decode())
    return f"attachment; filename=\"{nearly}\"; filename*=UTF-8''{quote(name, safe=_ATTRIBUTE)}"


def clean_name(given: str) -> str:
    """The base name to show and to use for downloads; never empty, at most LONGEST characters."""
    base = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(character for character in base if unicodedata.category(character) not in _DROPPED)
    name = " ".join(visible.translate(_RESERVED).split()).rstrip(". ")
    if len(name) > LONGEST:
        stem, dot, end = name.rpartition(".")
        tail = dot + end if stem and len(end) <= LONGEST_EXTENSION else ""
        name = name[: LONGEST - len(tail)].rstrip(". ") + tail
    return name or NAMELESS


def extension(name: str) -> str:
    """The last extension in lower case without its dot, the one that systems use; "" for none.

    A leading dot does not start an extension.
    """
    stem, _dot, end = name.rpartition(".")
    return end.lower() if stem else ""
