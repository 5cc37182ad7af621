"""Hidden characters in texts are made visible, and no text is longer than its channel allows."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from notify.texts.safe_text import SHOWN_AS_CODE, fit, fit_bytes, lines, one_line

TEXTS = st.text(max_size=300)


def test_A27_characters_that_move_others_are_shown():
    assert one_line("invoice\u202efdp.exe") == "invoice⟨U+202E⟩fdp.exe"
    assert one_line("ad\u200bmin") == "ad⟨U+200B⟩min"


def test_A45_line_breaks_become_blanks():
    assert one_line("Deploy\r\nBcc: x@evil.example") == "Deploy Bcc: x@evil.example"


@given(TEXTS)
def test_one_line_holds_nothing_unseen(text):
    line = one_line(text)
    assert not any(unicodedata.category(char) in SHOWN_AS_CODE for char in line)


@given(TEXTS)
def test_lines_hold_no_control_but_line_feeds(text):
    assert not any(unicodedata.category(char) in SHOWN_AS_CODE for char in lines(text) if char != "\n")


@given(TEXTS, st.integers(5, 40))
def test_fit_keeps_to_its_limit_and_says_when_it_cut(text, limit):
    short = fit(text, limit)
    assert len(short) <= limit
    assert short == one_line(text) or short.endswith("…")


@given(TEXTS, st.integers(8, 128))
def test_fit_bytes_keeps_to_its_limit(text, limit):
    assert len(fit_bytes(text, limit).encode()) <= limit
