"""The output of a run is untrusted (A35, I24)."""

import pytest
from django.conf import settings

from automation.executors.log_text import LINE_MAX, Cleaner, clean


def cleaned(*pieces: bytes, secrets=()) -> str:
    cleaner = Cleaner(secrets)
    return "".join(map(cleaner.feed, pieces)) + cleaner.finish()


def test_A35_terminal_escapes_and_control_characters_are_removed() -> None:
    hostile = b"\x1b[31mred\x1b[0m \x1b]0;title\x07ok\x00\x08\x7f\r\n\x1b]8;;http://x\x1b\\link\n\xc2\x9b31mc1\n"
    assert cleaned(hostile) == "red ok\nlink\n31mc1\n"


def test_pieces_may_be_cut_anywhere() -> None:
    data = "一行\x1b[1;31m红\x1b[0m\r\n第二行".encode()
    assert all(cleaned(data[:cut], data[cut:]) == "一行红\n第二行\n" for cut in range(len(data)))


def test_A35_bytes_that_are_not_text_and_endless_lines_are_bounded() -> None:
    assert cleaned(b"\xff\xfe\n") == "\ufffd\ufffd\n"
    lines = cleaned(b"x" * (3 * LINE_MAX)).splitlines()
    assert max(map(len, lines)) == LINE_MAX
    assert sum(map(len, lines)) == 3 * LINE_MAX


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("password=hunter2 user=x", "password=******** user=x"),
        ('"db_password": "hunter2"', '"db_password": "********"'),
        ("API_KEY: abc-123", "API_KEY: ********"),
        ("Authorization: Bearer abcdef.ghijkl", "Authorization: Bearer ********"),
        ("the word password alone", "the word password alone"),
    ],
)
def test_I24_secrets_are_masked(line: str, kept: str) -> None:
    assert cleaned(line.encode()) == kept + "\n"


def test_I24_known_secrets_and_private_keys_are_masked() -> None:
    assert cleaned(b"it is s3cretvalue!", secrets=["s3cretvalue"]) == "it is ********!\n"
    key = b"a\n-----BEGIN OPENSSH PRIVATE KEY-----\nabc\ndef\n-----END OPENSSH PRIVATE KEY-----\nb\n"
    assert cleaned(key) == "a\n********\nb\n"
    assert settings.AUDIT_KEY not in clean(f"x {settings.AUDIT_KEY} y", 1000)


def test_a_message_is_short() -> None:
    assert clean("x" * 5000, 10) == "x" * 10 + "…"
