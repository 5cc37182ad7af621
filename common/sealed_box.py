"""Public-key encryption: with the public key a box can be sealed, only the private key opens it.

X25519 for the key, AES-256-GCM for the contents, both from the library `cryptography`. A box is one line of text,
`1.KEY_ID.BASE64`. It names the key that opens it, so keys can be rotated while old boxes still open. The box is bound
to what it belongs to (`about`): copied to another name, it does not open.
"""

import binascii
import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = "1"
KEY_BYTES, NONCE_BYTES = 32, 12
BLOCK = 64  # contents are padded to a multiple of this, so that their length reveals little
_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class Unopened(Exception):
    """This box cannot be opened with these keys; the text says why and shows none of the contents."""


@dataclass(frozen=True)
class PublicKey:
    """A key that seals boxes."""

    id: str
    key: bytes


def read_public(entry: str) -> PublicKey:
    """The key of an `id:BASE64` entry. Raises ValueError that does not show the key."""
    name, key = _read(entry)
    return PublicKey(name, key)


def read_private(entries: list[str]) -> dict[str, bytes]:
    """{id: private key} of `id:BASE64` entries, in their order. Raises ValueError that shows no key."""
    keys: dict[str, bytes] = {}
    for entry in entries:
        name, key = _read(entry)
        if name in keys:
            raise ValueError(f"the key {name} is there twice")
        keys[name] = key
    return keys


def public_of(name: str, private: bytes) -> PublicKey:
    """The public half of a private key."""
    return PublicKey(name, X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw())


def new_pair(name: str) -> tuple[str, str]:
    """A new key pair as two `id:BASE64` entries: (public, private)."""
    private = X25519PrivateKey.generate()
    return tuple(  # type: ignore[return-value]
        f"{name}:{_text(key)}" for key in (private.public_key().public_bytes_raw(), private.private_bytes_raw())
    )


def key_id(box: str) -> str:
    """The id of the key that opens this box; "" if it names none."""
    parts = box.split(".")
    return parts[1] if len(parts) == 3 and parts[0] == VERSION else ""


def seal(contents: bytes, about: bytes, key: PublicKey) -> str:
    """A box with these contents (JSON, because it is padded with blanks), bound to `about`."""
    once = X25519PrivateKey.generate()
    sender = once.public_key().public_bytes_raw()
    secret = _derived(once.exchange(X25519PublicKey.from_public_bytes(key.key)), sender, key.key)
    nonce = os.urandom(NONCE_BYTES)
    filled = contents + b" " * (-len(contents) % BLOCK)
    return f"{VERSION}.{key.id}.{_text(sender + nonce + AESGCM(secret).encrypt(nonce, filled, _bound(key.id, about)))}"


def unseal(box: str, about: bytes, keys: Mapping[str, bytes]) -> bytes:
    """The contents of a box, with the padding. Raises Unopened."""
    name = key_id(box)
    if not name:
        raise Unopened("is not a sealed box")
    if name not in keys:
        raise Unopened(f"is sealed for the key {name}, which is not here")
    try:
        raw = _bytes(box.rpartition(".")[2])
        sender, nonce, sealed = raw[:KEY_BYTES], raw[KEY_BYTES:][:NONCE_BYTES], raw[KEY_BYTES + NONCE_BYTES :]
        private = X25519PrivateKey.from_private_bytes(keys[name])
        shared = private.exchange(X25519PublicKey.from_public_bytes(sender))
        secret = _derived(shared, sender, private.public_key().public_bytes_raw())
        return AESGCM(secret).decrypt(nonce, sealed, _bound(name, about))
    except (InvalidTag, ValueError) as error:
        raise Unopened("was changed, or belongs to another name, kind or key") from error


def _derived(shared: bytes, sender: bytes, receiver: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=sender + receiver, info=b"baton sealed box 1").derive(shared)


def _bound(name: str, about: bytes) -> bytes:
    return f"{VERSION}.{name}.".encode() + about


def _read(entry: str) -> tuple[str, bytes]:
    name, colon, text = entry.strip().partition(":")
    if not colon or _ID.fullmatch(name) is None:
        raise ValueError("write id:key as `manage.py credentials new-key` prints it")
    try:
        key = _bytes(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"the key {name} is not one that `manage.py credentials new-key` printed")
    return name, key


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    if re.fullmatch(r"[A-Za-z0-9_-]*", text) is None:
        raise ValueError("not base64")
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("not base64") from error
