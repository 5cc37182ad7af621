"""Avatars of members: one letter on one of a few colours."""

import zlib

from sandbox.web.html import Markup, tag

COLOURS = 6


def colour_of(userid: str) -> int:
    """The same number for the same person, 0 to COLOURS - 1."""
    return zlib.crc32(userid.lower().encode()) % COLOURS


def initial_of(name: str) -> str:
    """The last character of a Chinese name, the first letter of any other name."""
    chinese = [character for character in name if "\u4e00" <= character <= "\u9fff"]
    return chinese[-1] if chinese else name[:1].upper()


def avatar(userid: str, name: str) -> Markup:
    return tag("span", initial_of(name), class_=f"avatar tone-{colour_of(userid)}", aria_hidden="true")
