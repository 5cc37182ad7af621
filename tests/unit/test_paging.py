"""Cursors and limits."""

import base64

import pytest
from django.http import QueryDict

from common.paging import BadPage, Page, decode, encode, page, short_list


def asked(query: str, key_type: type = int) -> Page:
    return page(QueryDict(query), key_type)


def cursor(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


@pytest.mark.parametrize("key", [0, 1, 2**63 - 1, -5, "CHG-1", ["a", 1], None, True, 1.5])
def test_a_cursor_comes_back(key) -> None:
    assert decode(encode(key)) == key
    assert encode(key).isascii()
    assert "=" not in encode(key)


@pytest.mark.parametrize(("query", "limit"), [("", 20), ("limit=", 20), ("limit=1", 1), ("limit=100", 100)])
def test_limits(query, limit) -> None:
    assert asked(query) == Page(limit, None)


@pytest.mark.parametrize("limit", ["0", "-1", "101", "1e2", "ten", "2.5", "9" * 5000, "0x10", "NaN", "\x00"])
def test_bad_limits(limit) -> None:
    with pytest.raises(BadPage):
        asked(f"limit={limit}")


@pytest.mark.parametrize(
    "bad",
    [
        "!",
        "a",
        "a" * 5,
        "é",
        "中文",
        "%00",
        cursor(b"{"),
        cursor(b"nope"),
        cursor(b'"7"'),
        cursor(b"1.5"),
        cursor(b"true"),
        cursor(b"[7]"),
        cursor(b'{"id":7}'),
        cursor(b"NaN"),
        cursor(b"\xff\xfe"),
        cursor(b"[" * 5000),
        cursor(b"1e400"),
        cursor(b"9" * 400),
    ],
)
def test_bad_cursors(bad) -> None:
    with pytest.raises(BadPage):
        asked(f"cursor={bad}")


def test_the_type_of_a_key_is_checked() -> None:
    assert asked(f"cursor={encode('a')}", str).after == "a"
    with pytest.raises(BadPage):
        asked(f"cursor={encode(7)}", str)


def test_an_answer_has_a_next_only_where_more_rows_exist() -> None:
    part = Page(2, None)
    assert part.answer([5, 4], lambda row: row) == {"results": [5, 4], "next": None}
    more = part.answer([5, 4, 3], lambda row: row)
    assert more["results"] == [5, 4]
    assert decode(more["next"]) == 4
    assert part.answer([], lambda row: row) == {"results": [], "next": None}


def test_a_short_list_comes_whole_unless_a_part_is_asked_for() -> None:
    rows = list(range(30))
    assert short_list(QueryDict(""), rows) == {"results": rows, "next": None}
    seen, cursor = [], ""
    for _part in range(3):
        part = short_list(QueryDict(f"limit=12&cursor={cursor}"), rows)
        seen += part["results"]
        cursor = part["next"]
    assert (seen, cursor) == (rows, None)
    assert len(short_list(QueryDict(f"cursor={encode(0)}"), rows)["results"]) == 20
    assert short_list(QueryDict(f"cursor={encode(99)}"), rows) == {"results": [], "next": None}
    with pytest.raises(BadPage):
        short_list(QueryDict("limit=101"), rows)
