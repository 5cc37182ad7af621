"""Create tokens for scripts."""

from datetime import datetime

from django.conf import settings

from accounts.errors import TooManyTokens
from accounts.models import ApiToken, User
from accounts.models.token import digest, new_secret
from common.keyed import keyed


def create_token(*, user: User, name: str, expires_at: datetime | None) -> tuple[ApiToken, str]:
    """A new token and its secret, which cannot be read again later. Raises TooManyTokens."""
    if user.tokens.count() >= settings.TOKENS_PER_PERSON:
        raise TooManyTokens
    secret = new_secret()
    token = ApiToken(user=user, name=name, digest=digest(secret), expires_at=expires_at)
    token.seal = keyed("token-seal", token.sealed)
    token.save()
    return token, secret
