"""A44: hostile text in cells stays text."""

import re

import pytest
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from common.inert import MAX_UNITS, readable, stored
from reports.workbook.cells import Cells
from reports.workbook.styles import WORDS
from tests.hostile import CONTROL, FORMULA, HOSTILE, UNSTORABLE

XML_1_0 = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


TEXTS = {**HOSTILE, **UNSTORABLE}


@pytest.mark.parametrize("name", TEXTS)
def test_A44_every_text_fits_an_xml_file_and_a_cell(name):
    text = readable(TEXTS[name])
    assert XML_1_0.fullmatch(text)
    assert not ILLEGAL_CHARACTERS_RE.search(text)
    assert len(text.encode("utf-16-le")) // 2 <= MAX_UNITS


@pytest.mark.parametrize("name", sorted(set(FORMULA) - {"cr"}))
def test_A44_what_looks_like_a_formula_reads_as_it_was_written(name):
    assert readable(FORMULA[name]) == FORMULA[name]


@pytest.mark.parametrize("name", HOSTILE)
def test_A44_no_text_becomes_a_formula_an_error_or_a_number(name):
    sheet = Workbook(write_only=True).create_sheet()
    cell = Cells(sheet).of(1, HOSTILE[name], WORDS)
    assert (cell.data_type, cell.number_format, cell.hyperlink) == ("s", "@", None)


def test_A44_a_cell_is_text_again_after_it_was_empty():
    cells = Cells(Workbook(write_only=True).create_sheet())
    assert cells.of(1, "=1", WORDS).data_type == "s"
    assert cells.of(1, None, WORDS).value is None
    assert cells.of(1, "#REF!", WORDS).data_type == "s"


def test_A44_control_characters_are_made_visible():
    assert readable(CONTROL["bell_inside"]) == "ring␇ring"
    assert readable("a\x00b\x0bc\x7fd\x9be\ufffef") == "a␀b␋c␡d\ufffde\ufffdf"
    assert readable("a\r\nb\rc\nd\te") == "a\nb\nc\nd\te"


def test_A44_a_long_text_is_cut_between_characters_with_an_ellipsis():
    assert readable("长" * 32_767) == "长" * 32_767
    assert readable("长" * 32_768) == "长" * 32_766 + "…"
    assert readable("🧯" * 16_383) == "🧯" * 16_383
    assert readable("🧯" * 16_384) == "🧯" * 16_383 + "…"
    assert readable("x" + "🧯" * 16_384) == "x" + "🧯" * 16_382 + "…"


def test_A44_excel_escapes_in_a_text_stay_text():
    assert stored("_x0041_") == "_x005F_x0041_"
    assert stored("a_b_x00zz_") == "a_b_x00zz_"
    assert stored("_x000D__x000A_") == "_x005F_x000D__x005F_x000A_"
