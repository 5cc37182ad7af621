"""Keys, address, the apps and their middleware, languages and time."""

from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from common import keys
from config.settings.reading import ROOT, SettingError, env, parsed, required, secret, yes_or_no

DEBUG = False
SECRET_KEY = secret("BATON_SECRET_KEY")
AUDIT_KEYS = parsed("BATON_AUDIT_KEYS", lambda name, default: keys.parse(env.list(name, default=default)), [])
AUDIT_KEY = secret("BATON_AUDIT_KEY") if env.str("BATON_AUDIT_KEY", default="") or not AUDIT_KEYS else ""
BATON_URL = required("BATON_URL").rstrip("/")
if not BATON_URL.startswith(("http://", "https://")):
    raise SettingError("BATON_URL", "must start with http:// or https://")
IS_HTTPS = BATON_URL.startswith("https://")

_parts = parsed("BATON_URL", lambda _name: (urlsplit(BATON_URL), urlsplit(BATON_URL).port)[0])
if not _parts.hostname:
    raise SettingError("BATON_URL", "names no host")
if _parts.path or _parts.query or _parts.fragment:
    raise SettingError("BATON_URL", "must end with the host or its port: Baton needs the root of its own host")
host_name = f"[{_parts.hostname}]" if ":" in _parts.hostname else _parts.hostname
ALLOWED_HOSTS = [host_name, *(["localhost", "127.0.0.1", "[::1]"] if not IS_HTTPS else [])]
ALLOWED_HOSTS += env.list("BATON_ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = [BATON_URL]
if not IS_HTTPS and _parts.port:
    CSRF_TRUSTED_ORIGINS += [f"http://{name}:{_parts.port}" for name in ("localhost", "127.0.0.1")]
IS_DEMO = yes_or_no("BATON_DEMO")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_fsm",
    "accounts",
    "templates_engine",
    "tickets",
    "automation",
    "notify",
    "reports",
    "config",
]

MIDDLEWARE = [
    "common.middleware.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.access.middleware.SessionUserMiddleware",
    "accounts.access.middleware.LanguageMiddleware",
]
ROOT_URLCONF = "config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.i18n"]},
    }
]

USE_I18N = USE_TZ = True
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_CODE = env.str("BATON_LANGUAGE", default="zh-hans")
if LANGUAGE_CODE not in dict(LANGUAGES):
    raise SettingError("BATON_LANGUAGE", "must be zh-hans or en")
TIME_ZONE = env.str("BATON_TIME_ZONE", default="Asia/Shanghai")
try:
    ZoneInfo(TIME_ZONE)
except (KeyError, ValueError, OSError) as _error:
    raise SettingError("BATON_TIME_ZONE", f"{TIME_ZONE!r} is not a time zone; write one like Asia/Shanghai") from _error
LOCALE_PATHS = [ROOT / "config" / "locale"]
