"""Table of bearer tokens for scripts."""

import hashlib
import secrets
from datetime import UTC

from django.db import models

from common.keyed import fits, keyed

PREFIX = "baton_"


def digest(secret: str) -> str:
    """The stored digest of a token, keyed outside the database. Tokens have 256 random bits: no slow hash is needed."""
    return keyed("token", hashlib.sha256(secret.encode()).hexdigest())


def new_secret() -> str:
    """A new token; it is shown only once."""
    return PREFIX + secrets.token_urlsafe(32)


class ApiToken(models.Model):
    """Lets a script act as its owner, over channel `api`. Only the digest is stored (I24).

    seal: binds the row to its owner and its end, keyed outside the database; a row copied to somebody else is invalid.
    """

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    seal = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def sealed(self) -> str:
        """What the seal is computed over."""
        ends = self.expires_at.astimezone(UTC).isoformat() if self.expires_at else ""
        return f"{self.digest} {self.user_id} {ends}"

    def is_whole(self) -> bool:
        """Whether this row is as we wrote it."""
        return fits("token-seal", self.sealed, self.seal)
