"""The audit keys: names, signatures, rotation (F39)."""

import pytest

from common import keys

OLD, NEW = "old-key-" + "o" * 32, "new-key-" + "n" * 32


@pytest.fixture(autouse=True)
def no_named_keys(settings) -> None:
    settings.AUDIT_KEY, settings.AUDIT_KEYS = OLD, {}


def test_a_key_without_a_name_signs_as_it_always_did() -> None:
    signature = keys.sign(b"x")
    assert len(signature) == 64
    assert keys.is_signed(b"x", signature)
    assert not keys.is_signed(b"y", signature)


def test_F39_the_first_key_signs_and_old_ones_verify(settings) -> None:
    before = keys.sign(b"x")
    settings.AUDIT_KEY, settings.AUDIT_KEYS = "", {"2026": NEW, "2025": OLD}
    assert keys.sign(b"x").startswith("2026:")
    assert keys.is_signed(b"x", keys.sign(b"x"))
    assert keys.is_signed(b"x", before)
    settings.AUDIT_KEYS = {"2026": NEW}
    assert not keys.is_signed(b"x", before)


def test_F39_a_signature_verifies_by_the_key_it_names_only(settings) -> None:
    settings.AUDIT_KEYS = {"2025": OLD}
    signed = keys.sign(b"x")
    settings.AUDIT_KEYS = {"2026": NEW, "2025": OLD}
    assert keys.is_signed(b"x", signed)
    assert not keys.is_signed(b"x", signed.replace("2025:", "2026:"))
    assert not keys.is_signed(b"x", signed.replace("2025:", "gone:"))
    assert not keys.knows(signed.replace("2025:", "gone:"))


@pytest.mark.parametrize("signature", ["", ":", "é" * 64, "2025:", "::", "0" * 64, "a:b:c"])
def test_I26_what_is_no_signature_is_none(settings, signature) -> None:
    settings.AUDIT_KEYS = {"2025": OLD, "": ""}
    assert not keys.is_signed(b"x", signature)


def test_no_key_signs_nothing_by_being_empty(settings) -> None:
    settings.AUDIT_KEYS = {"a": NEW}
    settings.AUDIT_KEY = ""
    import hmac

    assert not keys.is_signed(b"x", hmac.digest(b"", b"x", "sha256").hex())


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        (["no-colon-" + "x" * 40], "entry 1 must be id:key"),
        (["a:short"], "the key a must have at least 32"),
        ([f"a:{OLD}", f"a:{NEW}"], "the key a is there twice"),
        ([f"b d:{OLD}"], "entry 1"),
        ([f"{'i' * 33}:{OLD}"], "entry 1"),
    ],
)
def test_bad_entries_are_named_and_no_key_is_shown(entries, problem) -> None:
    with pytest.raises(ValueError, match=problem) as refused:
        keys.parse(entries)
    assert OLD not in str(refused.value)


def test_entries_keep_their_order() -> None:
    assert list(keys.parse([f"z:{NEW}", f" a:{OLD}"])) == ["z", "a"]
