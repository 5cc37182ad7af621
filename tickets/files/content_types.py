"""Detect the type of a file from its bytes. Files are never opened, unpacked or parsed here (A42).

The list is closed: other types are application/octet-stream. Any text is text/plain, so that no response ever
declares a file as HTML, SVG, XML or a script.
"""

import codecs

UNKNOWN = "application/octet-stream"
TEXT = "text/plain"
ZIP = "application/zip"
PDF = "application/pdf"
OLE = "application/x-ole-storage"  # doc, xls, ppt, msg
# Accepted text encodings: spreadsheets on Chinese Windows write GB18030; UTF-16 only with a byte order mark.
ENCODINGS = ("utf-8", "gb18030", "utf-16")
HEAD = 512  # bytes needed for every signature

_AT_START: list[tuple[bytes, str]] = [
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", PDF),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/x-executable"),
    (b"\xcf\xfa\xed\xfe", "application/x-executable"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap"),
    (b"\x0a\x0d\x0d\x0a", "application/vnd.tcpdump.pcap"),
]
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = {b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heic", b"avif": "image/avif",
           b"qt  ": "video/quicktime", b"M4A ": "audio/mp4"}  # fmt: skip

_ZIP_BASED = frozenset({ZIP})
_OLE_BASED = frozenset({OLE})
_TEXTUAL = frozenset({TEXT})
# Types allowed for each extension. Office documents are ZIP or OLE files; which kind is not checked.
EXPECTED: dict[str, frozenset[str]] = {
    **dict.fromkeys(["zip", "jar", "docx", "xlsx", "pptx", "docm", "xlsm",
                     "odt", "ods", "odp", "apk"], _ZIP_BASED),
    **dict.fromkeys(["doc", "xls", "ppt", "msg", "wps", "et", "dps"], _OLE_BASED),
    **dict.fromkeys(
        ["txt", "log", "csv", "tsv", "md", "json", "yaml", "yml", "xml", "html", "htm", "svg", "sql", "sh", "py", "ini",
         "conf", "cfg", "toml", "env", "properties", "diff", "patch", "pem", "crt", "ps1", "bat"],
        _TEXTUAL,
    ),
    "png": frozenset({"image/png"}),
    **dict.fromkeys(["jpg", "jpeg"], frozenset({"image/jpeg"})),
    "gif": frozenset({"image/gif"}),
    "webp": frozenset({"image/webp"}),
    "bmp": frozenset({"image/bmp"}),
    **dict.fromkeys(["tif", "tiff"], frozenset({"image/tiff"})),
    **dict.fromkeys(["heic", "heif"], frozenset({"image/heic"})),
    "avif": frozenset({"image/avif"}),
    "pdf": frozenset({PDF}),
    **dict.fromkeys(["gz", "tgz"], frozenset({"application/gzip"})),
    "bz2": frozenset({"application/x-bzip2"}),
    "xz": frozenset({"application/x-xz"}),
    "zst": frozenset({"application/zstd"}),
    "tar": frozenset({"application/x-tar"}),
    "7z": frozenset({"application/x-7z-compressed"}),
    "rar": frozenset({"application/vnd.rar"}),
    **dict.fromkeys(["mp4", "m4v"], frozenset({"video/mp4"})),
    "mov": frozenset({"video/quicktime", "video/mp4"}),
    "webm": frozenset({"video/webm"}),
    "mp3": frozenset({"audio/mpeg", UNKNOWN}),  # it has no signature without an ID3 tag at its start
    "wav": frozenset({"audio/wav"}),
    **dict.fromkeys(["exe", "dll", "so"], frozenset({"application/x-executable"})),
    **dict.fromkeys(["pcap", "pcapng", "cap"], frozenset({"application/vnd.tcpdump.pcap"})),
}  # fmt: skip
_UNLISTED = frozenset({UNKNOWN, TEXT})


def fits_extension(extension: str, content_type: str) -> bool:
    """Whether a file of this type may have this extension. Unlisted extensions allow only unknown types and text."""
    return content_type in EXPECTED.get(extension, _UNLISTED)


class Sniffer:
    """Takes the bytes of one file in order and tells its type; keeps only the first bytes."""

    def __init__(self) -> None:
        self._head = b""
        self._texts = {name: codecs.getincrementaldecoder(name)() for name in ENCODINGS}

    def feed(self, chunk: bytes) -> None:
        """Add the next bytes."""
        if len(self._head) < HEAD:
            self._head += chunk[: HEAD - len(self._head)]
        self._texts = {name: decoder for name, decoder in self._texts.items() if _reads(decoder, chunk)}

    def content_type(self) -> str:
        """The type of the bytes so far.

        A file that is readable as text to its end is text, whatever it starts with; only PDF takes precedence.
        """
        found = signature(self._head)
        readable = any(_reads(decoder, b"", final=True) for decoder in self._texts.values())
        return TEXT if readable and self._head and found != PDF else found or UNKNOWN


def signature(head: bytes) -> str | None:
    """The type shown by the first HEAD bytes, if any."""
    for magic, kind in _AT_START:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head[257:262] == b"ustar":
        return "application/x-tar"
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    return None


_CONTROL = frozenset(map(chr, range(32))) - frozenset("\t\n\r\f\x1b") | {"\x7f"}


def _reads(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    """Whether the chunk decodes to text without control characters (ESC is allowed: terminal colours in logs)."""
    try:
        return _CONTROL.isdisjoint(decoder.decode(chunk, final))
    except UnicodeError:
        return False
