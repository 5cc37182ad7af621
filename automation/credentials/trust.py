"""Check a row against the trail of administration, which database access alone cannot forge (A32).

A box is bound to its name, but anybody with the public key can make one, and a reference is not secret at all: an
attacker with write access to the database could swap in another or an older secret.
"""

import hashlib

from accounts.trail.acts import Kind, newest
from automation.models import Credential
from common.chain import canonical

OF_CREDENTIALS = (Kind.CREDENTIAL_ADDED, Kind.CREDENTIAL_CHANGED, Kind.CREDENTIAL_REMOVED)


def about(row: Credential) -> bytes:
    """The data that a box is bound to: it cannot be decrypted under another name or kind."""
    return canonical({"name": row.name, "kind": row.kind})


def digest(row: Credential) -> str:
    """The hash of a row kept in the trail: it covers all that decides what is handed over, and reveals no box."""
    whole = {"name": row.name, "kind": row.kind, "box": row.box, "vault": row.vault}
    return hashlib.sha256(b"credential\n" + canonical(whole)).hexdigest()


def is_sound(row: Credential) -> bool:
    """Whether the newest act about this credential is genuine and matches the row as it is now."""
    act = newest(row.about)
    return act is not None and act.kind != Kind.CREDENTIAL_REMOVED and act.data.get("digest") == digest(row)
