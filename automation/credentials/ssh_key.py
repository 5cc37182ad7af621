"""Check a private SSH key without using it: is it a key, and which one is it?

OpenSSH's own format holds the public key unencrypted before the encrypted part; so a key with a passphrase can be
identified, but a wrong passphrase is found only at its first use. The older PEM format is read completely.
"""

import binascii
import re
from base64 import b64decode, b64encode
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

MAGIC = b"openssh-key-v1\x00"
OPENSSH = re.compile(r"-----BEGIN OPENSSH PRIVATE KEY-----\s(.+?)-----END OPENSSH PRIVATE KEY-----\s*", re.DOTALL)


class NoKey(ValueError):
    """Not a private key that OpenSSH can use. code: no_key, no_passphrase (it has none), passphrase (it needs one)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def normal(text: str) -> str:
    """The key as OpenSSH requires it: plain line breaks, and one at the end, which forms and clipboards often lose."""
    return text.replace("\r\n", "\n").strip() + "\n"


def fingerprint(text: str, passphrase: str) -> str:
    """`SHA256:…`, as `ssh-keygen -l` prints it. Raises NoKey."""
    text = normal(text)
    found = OPENSSH.fullmatch(text)
    try:
        public = _openssh(found.group(1), text, passphrase) if found else _pem(text, passphrase)
    except TypeError as error:
        raise NoKey("no_passphrase" if passphrase else "passphrase") from error
    except (ValueError, IndexError, UnsupportedAlgorithm, binascii.Error) as error:
        raise error if isinstance(error, NoKey) else NoKey("no_key") from error
    return "SHA256:" + b64encode(sha256(public).digest()).rstrip(b"=").decode()


def _openssh(body: str, text: str, passphrase: str) -> bytes:
    data = b64decode("".join(body.split()), validate=True)
    if not data.startswith(MAGIC):
        raise NoKey("no_key")
    parts, rest = [], data[len(MAGIC) :]
    for _name in ("cipher", "kdf", "kdf options"):
        part, rest = _string(rest)
        parts.append(part)
    public, sealed = _string(rest[4:])  # after the number of keys, which is 1
    if parts[0] == b"none":
        if passphrase:
            raise NoKey("no_passphrase")
        load_ssh_private_key(text.encode(), None)
    elif not passphrase:
        raise NoKey("passphrase")
    if not public or not sealed:
        raise NoKey("no_key")
    return public


def _string(data: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(data[:4], "big")
    if len(data) < 4 + size:
        raise NoKey("no_key")
    return data[4 : 4 + size], data[4 + size :]


def _pem(text: str, passphrase: str) -> bytes:
    key = load_pem_private_key(text.encode(), passphrase.encode() if passphrase else None).public_key()
    line = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return b64decode(line.split()[1])
