"""Check signatures that `ssh-keygen -Y sign` makes with a host's ed25519 key (OpenSSH's PROTOCOL.sshsig).

Everything in such a signature except the hash name and the last 64 bytes is known in advance, so nothing is parsed:
the bytes must be equal. So no other key, key type, namespace, hash or trailing data is accepted.
"""

import binascii
import hashlib
import re
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NAMESPACE = b"baton-shell"
KIND = b"ssh-ed25519"
KEY = re.compile(r"ssh-ed25519 ([A-Za-z0-9+/]{68})(?: [\x21-\x7e ]{0,200})?\s*")
SIGNATURE_MAX = 1024
_MAGIC = b"SSHSIG"


def read_key(text: str) -> str:
    """The key in a line of `ssh_host_ed25519_key.pub`, without its comment. Raises ValueError."""
    found = KEY.fullmatch(text)
    if found is None or not _blob(found[1]).startswith(_string(KIND) + (32).to_bytes(4)):
        raise ValueError(text)
    return f"ssh-ed25519 {found[1]}"


def fingerprint(key: str) -> str:
    """`SHA256:…`, as `ssh-keygen -l` prints it."""
    return "SHA256:" + b64encode(hashlib.sha256(_blob(key.split()[1])).digest()).rstrip(b"=").decode()


def is_signed(body: bytes, signature: str, key: str) -> bool:
    """Whether this key signed exactly these bytes. signature: base64 on one line, without the armour."""
    if len(signature) > SIGNATURE_MAX:
        return False
    try:
        given = b64decode(signature, validate=True)
    except (ValueError, binascii.Error):
        return False
    blob = _blob(key.split()[1])
    for name in ("sha512", "sha256"):
        context = _string(NAMESPACE) + _string(b"") + _string(name.encode())
        known = _MAGIC + (1).to_bytes(4) + _string(blob) + context + (83).to_bytes(4) + _string(KIND) + (64).to_bytes(4)
        if len(given) == len(known) + 64 and given.startswith(known):
            signed = _MAGIC + context + _string(hashlib.new(name, body).digest())
            return _verifies(blob[-32:], given[-64:], signed)
    return False


def _verifies(key: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _blob(text: str) -> bytes:
    return b64decode(text, validate=True)


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4) + data
