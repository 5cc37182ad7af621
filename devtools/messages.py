"""The Chinese catalogue of the Python code: collect texts, compile, check that no translation is missing."""

import io
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "config" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
COMPILED = SOURCE.with_suffix(".mo")
MAPPING = ROOT / "config" / "locale" / "babel.cfg"
KEYWORDS = ["-k", "gettext_lazy", "-k", "gettext_noop", "-k", "ngettext:1,2", "-k", "pgettext:1c,2"]
# Fixed, so that the files change only when a text does.
NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)
HEADER = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: zh_Hans\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


def wanted(apps: list[str]) -> Catalog:
    """All texts in these folders. Raises CalledProcessError if pybabel cannot read a file."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "django.pot"
        collector = [str(Path(sys.executable).parent / "pybabel"), "--quiet", "extract", "--mapping", str(MAPPING)]
        command = [*collector, "--no-location", "--omit-header", *KEYWORDS, "-o", str(target), *apps]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603
        with target.open("rb") as file:
            return read_po(file)


def translated() -> Catalog:
    """The committed catalogue."""
    with SOURCE.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def compiled(catalogue: Catalog) -> bytes:
    """The compiled (.mo) form that Django reads."""
    catalogue.creation_date = catalogue.revision_date = NO_TIME
    catalogue.fuzzy = False
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def update(apps: list[str]) -> None:
    """Add new texts to the catalogue, remove unused ones, compile."""
    catalogue = translated()
    catalogue.update(wanted(apps), no_fuzzy_matching=True)
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=0, sort_output=True, ignore_obsolete=True, omit_header=True)
    SOURCE.write_bytes(HEADER.encode() + buffer.getvalue())
    COMPILED.write_bytes(compiled(translated()))


def problems(apps: list[str]) -> list[str]:
    """Problems of the catalogue; [] if all texts are translated and the compiled form is current."""
    needed = {(message.id, message.context) for message in wanted(apps) if message.id}
    catalogue = translated()
    done = {(message.id, message.context): message for message in catalogue if message.id}
    found = [f"no Chinese: {text}" for text in needed if text not in done or not done[text].string]
    found += [f"no longer used: {text}" for text in done.keys() - needed]
    found += [f"{error}: {message.id}" for message in done.values() for error in message.check(catalogue)]
    if COMPILED.read_bytes() != compiled(catalogue):
        found.append("the compiled catalogue is outdated")
    return sorted(found)
