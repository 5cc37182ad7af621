"""OpenSSH signatures: valid only for this key, exactly these bytes and this namespace."""

from base64 import b64decode, b64encode
from pathlib import Path

import pytest

from automation.shells.sshsig import fingerprint, is_signed, read_key
from tests.automation.shells.signing import keygen, sign

BODY = b'{"enrolment": 1, "lines": []}'


@pytest.fixture(scope="module")
def key(tmp_path_factory) -> Path:
    return keygen(tmp_path_factory.mktemp("host") / "key")


@pytest.fixture(scope="module")
def public(key: Path) -> str:
    return read_key(key.with_suffix(".pub").read_text())


@pytest.mark.parametrize("options", [(), ("-O", "hashalg=sha256"), ("-O", "hashalg=sha512")])
@pytest.mark.parametrize("body", [BODY, b"", b"\0\xff\n" * 100_000])
def test_what_ssh_keygen_signs_is_taken(key: Path, public: str, body: bytes, options: tuple[str, ...]) -> None:
    assert is_signed(body, sign(key, body, "baton-shell", *options), public)


def test_another_body_namespace_or_key_is_not(key: Path, public: str, tmp_path: Path) -> None:
    good = sign(key, BODY)
    assert not is_signed(BODY + b" ", good, public)
    assert not is_signed(b"", good, public)
    assert not is_signed(BODY, sign(key, BODY, "file"), public)
    assert not is_signed(BODY, sign(key, BODY, "baton-shell2"), public)
    assert not is_signed(BODY, sign(keygen(tmp_path / "other"), BODY), public)


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_other_kinds_of_key_are_refused(key: Path, public: str, kind: str, tmp_path: Path) -> None:
    other = keygen(tmp_path / kind, kind)
    assert not is_signed(BODY, sign(other, BODY), public)
    with pytest.raises(ValueError, match=r"ssh|ecdsa"):
        read_key(other.with_suffix(".pub").read_text())


def test_A16_no_bit_and_no_byte_can_be_changed_added_or_left_out(key: Path, public: str) -> None:
    good = b64decode(sign(key, BODY))
    assert is_signed(BODY, b64encode(good).decode(), public)
    for place in range(len(good)):
        for bit in (1, 128):
            changed = bytearray(good)
            changed[place] ^= bit
            assert not is_signed(BODY, b64encode(changed).decode(), public), place
        assert not is_signed(BODY, b64encode(good[:place]).decode(), public)
    for more in (b"\0", b"\n", good):
        assert not is_signed(BODY, b64encode(good + more).decode(), public)
        assert not is_signed(BODY, b64encode(more + good).decode(), public)


def test_what_is_no_base64_is_no_signature(key: Path, public: str) -> None:
    good = sign(key, BODY)
    for wrong in ("", "=", good[:-3], good + "=", good + "\n", " " + good, good[:40] + "\n" + good[40:], "é" + good,
                  f"-----BEGIN SSH SIGNATURE-----\n{good}\n-----END SSH SIGNATURE-----", good * 1000):  # fmt: skip
        assert not is_signed(BODY, wrong, public)


def test_a_key_is_read_without_its_comment(public: str) -> None:
    kind, data = public.split()
    for text in (public, f"{public} root@web-01", f"{public} root@web-01\n"):
        assert read_key(text) == public
    assert fingerprint(public).startswith("SHA256:")
    short = b64encode(b64decode(data)[:-3]).decode()
    longer = b64encode(b64decode(data) + b"\0" * 3).decode()
    other = b64encode(b"\0\0\0\x0bssh-ed25518" + b64decode(data)[15:]).decode()
    for wrong in ("", kind, data, f"ssh-rsa {data}", f"{kind} {short}", f"{kind} {longer}", f"{kind} {other}",
                  f"{public}\n{public}", f"no-pty {public}", f"{public} \x1b[31m"):  # fmt: skip
        with pytest.raises(ValueError):
            read_key(wrong)
