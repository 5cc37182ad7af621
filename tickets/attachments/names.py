"""The name of a file, made fit for people: no path, nothing invisible, nothing that turns the reading direction."""

import unicodedata

LONGEST = 200
LONGEST_EXTENSION = 20
NAMELESS = "file"
# Control and format characters (bidi overrides and zero-width ones among them), halves of surrogate pairs, private use,
# unassigned; line and paragraph separators.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_RESERVED = str.maketrans(dict.fromkeys('<>:"|?*', "_"))  # what some system cannot have in a name


def clean_name(given: str) -> str:
    """The base name to show and to offer when downloading; never empty, at most LONGEST characters."""
    base = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(character for character in base if unicodedata.category(character) not in _DROPPED)
    name = " ".join(visible.translate(_RESERVED).split()).strip(". ")
    if len(name) > LONGEST:
        stem, dot, end = name.rpartition(".")
        tail = dot + end if stem and len(end) <= LONGEST_EXTENSION else ""
        name = name[: LONGEST - len(tail)].rstrip(". ") + tail
    return name or NAMELESS


def extension(name: str) -> str:
    """The last extension in lower case without its dot, which is the one that systems act on; "" for none."""
    stem, _dot, end = name.rpartition(".")
    return end.lower() if stem else ""
