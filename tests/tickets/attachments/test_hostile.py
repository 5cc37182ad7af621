"""A42: an upload stays inert bytes under a random name and can only be downloaded."""

import gzip
import io
import re
import zipfile
from urllib.parse import unquote

import pytest

from tests.api.calls import Api
from tests.hostile import HOSTILE
from tests.tickets.attachments.files import PDF, PNG, body_of, kept, post
from tickets.models import Attachment

pytestmark = pytest.mark.usefixtures("world", "scratch")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<!doctype html><script>alert(document.cookie)</script>"
XML = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'


def bomb() -> bytes:
    packet = io.BytesIO()
    with zipfile.ZipFile(packet, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("zeros", bytes(50_000_000))
    return packet.getvalue()


NASTY = {
    "svg": ("x.svg", SVG, "text/plain"),
    "svg as png": ("x.png", SVG, "text/plain"),
    "html": ("x.html", HTML, "text/plain"),
    "xml with an entity": ("x.xml", XML, "text/plain"),
    "pdf": ("x.pdf", PDF + b"/OpenAction << /JS (app.alert(1)) >>", "application/pdf"),
    "gif that is a script": ("x.gif", b"GIF89a=1;alert(1)//", "text/plain"),
    "png with html behind": ("x.png", PNG + HTML, "image/png"),
    "pdf with html behind": ("x.pdf", PDF + HTML, "application/pdf"),
    "zip with html in front": ("x.zip", HTML + bomb(), "application/octet-stream"),
    "zip bomb": ("x.zip", bomb(), "application/zip"),
    "gzip bomb": ("x.gz", gzip.compress(bytes(50_000_000)), "application/gzip"),
    "program": ("x.txt", b"MZ\x90\x00" + bytes(200), "application/x-executable"),
    "utf-7": ("x.txt", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-", "text/plain"),
    "utf-16 html": ("x.txt", HTML.decode().encode("utf-16"), "text/plain"),
    "one zero": ("x.txt", b"\0", "application/octet-stream"),
}


@pytest.mark.parametrize("what", NASTY)
def test_A42_nothing_is_served_as_what_it_is(folder, what) -> None:
    name, data, kind = NASTY[what]
    api = Api("alice")
    answer = post(api, data, name)
    assert (answer.status_code, answer.json()["content_type"]) == (201, kind)
    found = api.get(f"attachments/{answer.json()['id']}")
    assert body_of(found) == data
    assert found["Content-Type"] == "application/octet-stream"
    assert found["Content-Disposition"].startswith("attachment; ")
    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert found["Cache-Control"] == "no-store"
    assert found["Content-Length"] == str(len(data))
    assert not found.has_header("Content-Encoding")


def test_A42_stored_names_are_random_and_bear_no_extension(folder) -> None:
    api = Api("alice")
    ids = [post(api, SVG, name).json()["id"] for name in ("../../x.svg", "x.svg", "x.html")]
    rows = Attachment.objects.in_bulk(ids)
    names = sorted(str(path.relative_to(folder)) for path in kept(folder))
    assert names == sorted(row.stored_as for row in rows.values())
    assert all(re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{32}", name) for name in names)
    assert all(row.pk not in row.stored_as for row in rows.values())
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in kept(folder))


NAMES = {
    "../../etc/passwd": "passwd",
    "/abs/olute.txt": "olute.txt",
    "C:\\\\temp\\\\report.pdf": "report.pdf",
    "invoice\u202efdp.exe": "invoicefdp.exe",
    "\u2066evil\u2069.txt": "evil.txt",
    "a\u200bb\ufeff.txt": "ab.txt",
    "report.pdf.exe": "report.pdf.exe",
    "x.exe. . .": "x.exe",
    ".htaccess": ".htaccess",
    ".hidden": ".hidden",
    "/.hidden": ".hidden",
    " .hidden ": ".hidden",
    ".a.tar.gz": ".a.tar.gz",
    "say %22hi%22.txt": 'say "hi".txt',
    'say \\"hi\\".txt': 'say "hi".txt',
    "50%.txt": "50%.txt",
    "50%25.txt": "50%25.txt",
    "100%20real.txt": "100%20real.txt",
    "a%0D%0ASet-Cookie: b.txt": "aSet-Cookie_ b.txt",
    "it's a;b=c,d.txt": "it's a;b=c,d.txt",
    "日报%22终%22.txt": '日报"终".txt',
    "a&#47;b&#10;c.txt": "bc.txt",
    "报表 2026.xlsx": "报表 2026.xlsx",
    'a\\";filename=\\"evil.exe': 'a";filename="evil.exe',
    "x" * 300 + ".pdf": "x" * 196 + ".pdf",
    "长" * 300: "长" * 200,
    "con|<x>?*:.txt": "con__x____.txt",
}


@pytest.mark.parametrize("given", NAMES)
def test_A42_names_are_cleaned(folder, given) -> None:
    api = Api("alice")
    answer = post(api, b"x", given)
    assert (answer.status_code, answer.json().get("name")) == (201, NAMES[given])
    header = api.get(f"attachments/{answer.json()['id']}")["Content-Disposition"]
    assert offered(header) == NAMES[given]


@pytest.mark.parametrize("given", ["", "..", "../..", "\u202e\u200b", "x" * 2000])
def test_A42_a_name_that_is_none_is_refused(folder, given) -> None:
    assert post(Api("alice"), b"x", given).status_code in (400, 422)
    assert kept(folder) == []


def offered(header: str) -> str:
    """The file name that a browser reads from Content-Disposition."""
    nearly, encoded = r"attachment; filename=\"[A-Za-z0-9 ._()-]*\"", r"filename\*=UTF-8''([A-Za-z0-9%!#$&+.^_`|~-]+)"
    found = re.fullmatch(f"{nearly}; {encoded}", header)
    if found:
        return unquote(found[1])
    plain = re.fullmatch(r'attachment; filename="([^"\\%]*)"', header)
    assert plain, header
    return plain[1]


@pytest.mark.parametrize("what", HOSTILE)
def test_A42_any_name_makes_one_harmless_header(folder, what) -> None:
    """CRLF, quotes, directions, controls: through the parser, into the header, back out."""
    api = Api("alice")
    wire = HOSTILE[what].replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "")
    answer = post(api, b"x", wire[:200] + "x")
    assert answer.status_code == 201
    name = answer.json()["name"]
    assert 0 < len(name) <= 200
    assert not set("/\\\r\n<>") & set(name)
    assert all(character.isprintable() for character in name)
    assert offered(api.get(f"attachments/{answer.json()['id']}")["Content-Disposition"]) == name


def test_A42_a_header_in_the_name_is_no_header(folder) -> None:
    """A line break ends the part's header: what follows is another header of the part, which nobody reads."""
    api = Api("alice")
    answer = post(api, b"x", 'a.txt"\r\nSet-Cookie: a=b\r\nX-Other: "')
    assert answer.status_code == 201
    found = api.get(f"attachments/{answer.json()['id']}")
    assert offered(found["Content-Disposition"]) == "a.txt"
    assert not found.has_header("Set-Cookie")
