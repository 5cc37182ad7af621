"""Who is asking: sessions, cookies, what browsers are told, and how much one person may ask for."""

from config.settings.reading import SettingError, at_least_one, env, parsed
from config.settings.site import IS_HTTPS

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.PasswordBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
SESSION_ENGINE = "accounts.access.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"  # the WeCom log-in comes back by a cross-site redirect
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_FAILURE_VIEW = "common.problems.csrf_failure"
PROXY_COUNT = parsed("BATON_PROXY_COUNT", env.int, 0)
if PROXY_COUNT < 0:
    raise SettingError("BATON_PROXY_COUNT", "must be 0 or more")

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None

_QUOTAS = {
    "tickets": 300,
    "comments": 120,
    "uploads": 120,
    "exports": 20,
    "tokens": 30,
    "proxies": 60,
    "shells": 60,
    "runs": 60,
}
QUOTAS = {kind: at_least_one(f"BATON_QUOTA_{kind.upper()}", most) for kind, most in _QUOTAS.items()}
TOKENS_PER_PERSON = at_least_one("BATON_TOKENS_PER_PERSON", 50)
