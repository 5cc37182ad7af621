"""Bearer tokens for scripts."""

import hashlib
import secrets

from django.db import models

PREFIX = "baton_"


def digest(secret: str) -> str:
    """What is stored of a token: SHA-256 in hex. The secret has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret() -> str:
    """A fresh token, shown once."""
    return PREFIX + secrets.token_urlsafe(32)


class ApiToken(models.Model):
    """A script acts as its owner with it, over channel `api`. Only the digest is kept (I24)."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
