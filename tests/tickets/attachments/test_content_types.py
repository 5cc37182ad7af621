"""Detection of file types from bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tickets.attachments.files import PDF, PNG, ZIP
from tickets.files.content_types import EXPECTED, TEXT, UNKNOWN, Sniffer, fits_extension


def sniffed(data: bytes, step: int = 1 << 16) -> str:
    sniffer = Sniffer()
    for start in range(0, len(data), step):
        sniffer.feed(data[start : start + step])
    return sniffer.content_type()


KINDS = [
    (PNG, "image/png"),
    (b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
    (b"GIF89a" + bytes(20), "image/gif"),
    (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
    (b"RIFF\x10\0\0\0EVIL\0\0\0\0", UNKNOWN),
    (b"\0\0\0\x18ftypheic" + bytes(8), "image/heic"),
    (b"\0\0\0\x18ftypisom" + bytes(8), "video/mp4"),
    (b"BM\x46\0\0\0\0\0\0\0", "image/bmp"),
    (PDF, "application/pdf"),
    (ZIP, "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(20), "application/x-ole-storage"),
    (bytes(257) + b"ustar\x0000", "application/x-tar"),
    (b"MZ\x90\0" + bytes(20), "application/x-executable"),
    (b"MZ is how it begins", TEXT),
    (b"ID3 is a kind of tree", TEXT),
    ("第一行\n第二行\t\r\n".encode(), TEXT),
    ("数据库变更，2026".encode("gb18030"), TEXT),
    ("text".encode("utf-16"), TEXT),
    (b"\xef\xbb\xbfa,b\n1,2\n", TEXT),
    (b"\x1b[31mred\x1b[0m", TEXT),
    (b"a\x07b", UNKNOWN),
    (b"a\0b", UNKNOWN),
    (b"\xff\xfe\xff", UNKNOWN),
    (b"text that ends in half a character \xe4", UNKNOWN),
    (b"text" * 100_000 + b"\xff", UNKNOWN),
    (b"", UNKNOWN),
]


@pytest.mark.parametrize(("data", "kind"), KINDS, ids=lambda value: repr(value[:12]))
def test_kinds(data, kind) -> None:
    assert sniffed(data) == kind


@given(st.sampled_from([data for data, _kind in KINDS if data]), st.integers(1, 40))
def test_it_does_not_matter_how_the_bytes_come(data, step) -> None:
    assert sniffed(data[:3000], step) == sniffed(data[:3000])


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda text: "\ufeff" not in text))
def test_every_text_is_text(text) -> None:
    assert sniffed(text.encode()) in (TEXT, "application/pdf")


@given(st.binary())
def test_no_bytes_are_ever_called_active_content(data) -> None:
    assert sniffed(data) not in ("text/html", "image/svg+xml", "text/xml", "application/xml", "text/javascript")


@pytest.mark.parametrize(
    ("extension", "kind", "fits"),
    [
        ("pdf", "application/pdf", True),
        ("pdf", TEXT, False),
        ("docx", "application/zip", True),
        ("docx", "application/x-executable", False),
        ("png", "image/jpeg", False),
        ("svg", TEXT, True),
        ("cer", UNKNOWN, True),
        ("cer", TEXT, True),
        ("cer", "application/x-executable", False),
        ("", TEXT, True),
    ],
)
def test_an_extension_must_be_borne_out(extension, kind, fits) -> None:
    assert fits_extension(extension, kind) is fits


def test_the_table_of_extensions_is_in_lower_case() -> None:
    assert all(key == key.lower() and not key.startswith(".") for key in EXPECTED)
