"""Settings, all from the environment (12-factor). Every one is described in docs/settings.md."""

import os
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ

from config import environment, keys, production
from config.embedded.environment import Ports, sandbox_wecom

environment.load()
ROOT = environment.ROOT
HOME: Path = environment.home()
os.umask(0o077)  # whatever is written from here on is nobody else's
env = environ.Env()


class SettingError(SystemExit):
    """A setting is wrong or missing: one line that names it stops the start."""

    def __init__(self, name: str, problem: str, *more: production.Refusal) -> None:
        wrong = [(name, problem), *more]
        super().__init__("\n".join(f"Setting {which}: {what} (see docs/settings.md)" for which, what in wrong))


def required(name: str) -> str:
    """The value of a setting that has no sensible default."""
    value = env.str(name, default="")
    if not value:
        raise SettingError(name, environment.why_not_set())
    return value


def secret(name: str) -> str:
    """A required key of at least 32 characters."""
    value = required(name)
    if len(value) < 32:
        raise SettingError(name, "must have at least 32 characters")
    return value


def parsed(name: str, read, default=environ.Env.NOTSET):  # type: ignore[no-untyped-def]
    """A value that the reader understands, or a SettingError with the reader's words."""
    try:
        return read(name, default=default) if default is not environ.Env.NOTSET else read(name)
    except Exception as error:
        raise SettingError(name, f"cannot be understood: {error}") from error


def yes_or_no(name: str) -> bool:
    """A switch that is off unless it says so; what is neither is refused, because it was meant for something."""
    value = env.str(name, default="0").strip().lower()
    if value not in ("0", "1", "false", "true", "no", "yes", "off", "on"):
        raise SettingError(name, "must be 0 or 1")
    return value in ("1", "true", "yes", "on")


def at_least_one(name: str, default: int) -> int:
    """A number that makes no sense below 1."""
    value: int = parsed(name, env.int, default)
    if value < 1:
        raise SettingError(name, "must be at least 1")
    return value


def rates(name: str, default: str) -> list[tuple[int, float]]:
    """[(how many, in so many seconds)], written `30/60 1000/3600`."""
    found = [part.partition("/") for part in env.str(name, default=default).split()]
    try:
        limits = [(int(most), float(seconds)) for most, _slash, seconds in found]
    except ValueError:
        limits = []
    if not limits or any(most < 1 or not 0 < seconds <= 86_400 for most, seconds in limits):
        raise ValueError("write how many / seconds, such as 30/60 1000/3600")
    return limits


def brokers(name: str) -> str:
    """The broker's address, or several with `;` between, each of a kind that Celery's workers are tested with."""
    value = required(name)
    for address in value.split(";"):
        parts = urlsplit(address.strip())
        if parts.scheme not in BROKERS or (parts.port == 0 and parts.netloc):
            raise ValueError("write amqp://… (RabbitMQ) or redis://…")
    return value


def web_address(name: str, default: str) -> str:
    """An address of http or https, without a slash at its end."""
    value = env.str(name, default=default).rstrip("/")
    if not value.startswith(("http://", "https://")) or not parsed(name, lambda _name: urlsplit(value).hostname):
        raise SettingError(name, "must be an address such as https://wecom.example.com")
    return value


BROKERS = ("amqp", "amqps", "pyamqp", "redis", "rediss", "redis+socket", "sentinel", "memory")  # the last for tests

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
    raise SettingError("BATON_URL", "must end with the host or its port: Baton lives at the root of a host of its own")
_host = f"[{_parts.hostname}]" if ":" in _parts.hostname else _parts.hostname
ALLOWED_HOSTS = [_host, *(["localhost", "127.0.0.1", "[::1]"] if not IS_HTTPS else [])]
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
    "config.middleware.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.SessionUserMiddleware",
    "accounts.middleware.LanguageMiddleware",
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

# --- database -----------------------------------------------------------------------------------
if not required("DATABASE_URL").startswith(("postgres", "pgsql://", "psql://")):
    raise SettingError("DATABASE_URL", "must name a PostgreSQL database (postgres://…)")
DATABASES = {"default": parsed("DATABASE_URL", env.db_url)}
if "postgresql" not in DATABASES["default"].get("ENGINE", ""):
    raise SettingError("DATABASE_URL", "must name a PostgreSQL database (postgres://…)")
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"] |= {
    "pool": {"min_size": 1, "max_size": at_least_one("BATON_DB_POOL", 16), "timeout": 5}
}
IS_BEHIND_PGBOUNCER = yes_or_no("BATON_PGBOUNCER")
if IS_BEHIND_PGBOUNCER:  # it refuses start-up options, and one session is many people's: the role carries these
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
    DATABASES["default"]["OPTIONS"]["prepare_threshold"] = None
else:
    DATABASES["default"]["OPTIONS"]["options"] = "-c lock_timeout=15s -c idle_in_transaction_session_timeout=60s"
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- who is asking --------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.PasswordBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"  # the WeCom log-in comes back by a cross-site redirect
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_FAILURE_VIEW = "config.problems.csrf_failure"
PROXY_COUNT = parsed("BATON_PROXY_COUNT", env.int, 0)
if PROXY_COUNT < 0:
    raise SettingError("BATON_PROXY_COUNT", "must be 0 or more")

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None

# --- language and time ------------------------------------------------------------------------------
USE_I18N = USE_TZ = True
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_CODE = env.str("BATON_LANGUAGE", default="zh-hans")
if LANGUAGE_CODE not in dict(LANGUAGES):
    raise SettingError("BATON_LANGUAGE", "must be zh-hans or en")
TIME_ZONE = env.str("BATON_TIME_ZONE", default="Asia/Shanghai")
try:
    ZoneInfo(TIME_ZONE)
except (KeyError, ValueError, OSError) as error:
    raise SettingError("BATON_TIME_ZONE", f"{TIME_ZONE!r} is no time zone; write one like Asia/Shanghai") from error
LOCALE_PATHS = [ROOT / "config" / "locale"]

# --- files ------------------------------------------------------------------------------------------
FRONTEND_DIST = ROOT / "frontend" / "dist"
STATIC_URL = "/static/"
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.is_dir() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$"  # Vite's hashed names
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "attachments": {
        "BACKEND": "tickets.attachments.storage.LocalStorage",
        "OPTIONS": {
            "location": env.str("BATON_ATTACHMENTS_DIR", default=str(HOME / "attachments")),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
}
_MB = 1024 * 1024
ATTACHMENT_MAX_BYTES = at_least_one("BATON_ATTACHMENT_MAX_MB", 20) * _MB
ATTACHMENT_UNUSED_BYTES = at_least_one("BATON_ATTACHMENT_UNUSED_MB", 200) * _MB
ATTACHMENT_UNUSED_FILES = at_least_one("BATON_ATTACHMENT_UNUSED_FILES", 100)
ATTACHMENT_PERSON_BYTES = at_least_one("BATON_ATTACHMENT_PERSON_MB", 10_240) * _MB
ATTACHMENTS_PER_TICKET = at_least_one("BATON_ATTACHMENTS_PER_TICKET", 100)
BODY_MAX_BYTES = max(8 * _MB, ATTACHMENT_MAX_BYTES + _MB)  # of any request; each kind has limits of its own below it
WEB_THREADS = at_least_one("BATON_WEB_THREADS", 4)

# --- how much one person may ask for ------------------------------------------------------------------
_QUOTAS = {"tickets": 300, "comments": 120, "uploads": 120, "exports": 20, "tokens": 30, "proxies": 60}
QUOTAS = {kind: at_least_one(f"BATON_QUOTA_{kind.upper()}", most) for kind, most in _QUOTAS.items()}
TOKENS_PER_PERSON = at_least_one("BATON_TOKENS_PER_PERSON", 50)

# --- API --------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.BearerAuthentication",
        "accounts.authentication.CookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["config.rendering.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.parsing.BoundedJSONParser"],
    "EXCEPTION_HANDLER": "config.problems.handle",
    "DEFAULT_SCHEMA_CLASS": "config.openapi.Schema",
    "URL_FORMAT_OVERRIDE": None,  # `?format=` is a parameter like others, where a call declares it
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Baton 接力",
    "DESCRIPTION": "Tickets and approvals for operations teams in WeCom.",
    "VERSION": "1",
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "ENUM_NAME_OVERRIDES": {
        "PriorityEnum": "tickets.models.ticket.Priority",
        "TicketStateEnum": "tickets.states.ticket.TicketState",
        "TaskStateEnum": "tickets.states.approval_task.TaskState",
        "VisitStateEnum": "tickets.models.node_visit.NodeVisit.State",
        "JobStateEnum": "automation.states.job.JobState",
        "DeliveryStateEnum": "notify.states.delivery.DeliveryState",
        "ChannelEnum": "tickets.states.approval_task.Channel",
    },
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- background work ----------------------------------------------------------------------------------
CELERY_BROKER_URL = parsed("BROKER_URL", brokers)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "notify.*": {"queue": "notify"},
    "automation.sweep": {"queue": "default"},  # a busy executor must not delay the end of a dead one's lease
    "automation.*": {"queue": "automation"},
    "reports.*": {"queue": "reports"},
    "config.executor_pulse": {"queue": "automation"},
}
# A message is acknowledged as it is begun, and jobs leave it behind at once (automation.places): RabbitMQ ends the
# worker that keeps one for half an hour, Redis hands it to a second one. The row is the truth, the sweep finds it.
CELERY_TASK_ACKS_LATE = False
QUEUE_TYPE = env.str("BATON_QUEUE_TYPE", default="classic")
if QUEUE_TYPE not in ("classic", "quorum"):
    raise SettingError("BATON_QUEUE_TYPE", "must be classic or quorum")
CELERY_TASK_DEFAULT_QUEUE_TYPE = CELERY_TASK_CREATE_MISSING_QUEUE_TYPE = QUEUE_TYPE
if QUEUE_TYPE == "quorum":  # a direct exchange cannot carry what a quorum queue holds back
    CELERY_TASK_DEFAULT_EXCHANGE_TYPE = CELERY_TASK_CREATE_MISSING_QUEUE_EXCHANGE_TYPE = "topic"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CONSUMER = "config.consumer:Consumer"
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 6 * 3600,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
    }
    if CELERY_BROKER_URL.startswith(("redis", "valkey"))
    else {"write_timeout": 5}  # RabbitMQ without memory or disk reads nothing more; a request does not wait for it
    if CELERY_BROKER_URL.startswith(("amqp", "pyamqp"))
    else {}
)
CELERY_TASK_PUBLISH_RETRY = False  # the sweep finds what a lost doorbell left behind
CELERY_BEAT_SCHEDULER = "config.beat.SteadyScheduler"


def _every(seconds: float, task: str) -> dict[str, object]:
    """Ring so often. A ring is kept for so long that clocks which differ by minutes do not make it too old (F32)."""
    return {"task": task, "schedule": seconds, "options": {"expires": 600}}


CELERY_BEAT_SCHEDULE = {
    "dispatch-outbox": _every(5.0, "tickets.dispatch_outbox"),
    "dispatch-trail": _every(5.0, "accounts.dispatch_trail"),
    "sweep-tickets": _every(5.0, "tickets.sweep"),
    "guard-tickets": _every(60.0, "tickets.guard"),
    "checkpoint-tickets": _every(60.0, "tickets.checkpoint"),
    "anchor-tickets": _every(3600.0, "tickets.anchor"),
    "sweep-deliveries": _every(5.0, "notify.sweep"),
    "monthly-workbook": _every(60.0, "reports.keep_last_month"),
    "purge": _every(3600.0, "accounts.purge"),
    "purge-deliveries": _every(3600.0, "notify.purge"),
    "purge-attachments": _every(3600.0, "tickets.purge_attachments"),
    "executor-pulse": _every(15.0, "config.executor_pulse"),
    "sweep-jobs": _every(5.0, "automation.sweep"),
}

# --- mail -------------------------------------------------------------------------------------------
required("EMAIL_URL")
_mail = parsed("EMAIL_URL", env.email_url)
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail.get("EMAIL_HOST", "")
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(_mail.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_SSL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("BATON_MAIL_FROM", default=f"Baton <baton@{_host}>")

# --- webhooks and old news ----------------------------------------------------------------------------
WEBHOOK_HOSTS = env.list("BATON_WEBHOOK_HOSTS", default=[])
WEBHOOK_SECRET = env.str("BATON_WEBHOOK_SECRET", default="")
REPORT_TO = [name.strip() for name in env.list("BATON_REPORT_TO", default=[]) if name.strip()]
DELIVERY_DAYS = parsed("BATON_DELIVERY_DAYS", env.int, 180)
if DELIVERY_DAYS < 1:
    raise SettingError("BATON_DELIVERY_DAYS", "must be at least 1")

# --- WeCom ------------------------------------------------------------------------------------------
WECOM_CORP_ID = env.str("WECOM_CORP_ID", default="")
WECOM_AGENT_ID = parsed("WECOM_AGENT_ID", env.int, 0)
WECOM_SECRET = env.str("WECOM_SECRET", default="")
WECOM_TOKEN = env.str("WECOM_TOKEN", default="")
WECOM_AES_KEY = env.str("WECOM_AES_KEY", default="")
WECOM_CONTACT_SECRET = env.str("WECOM_CONTACT_SECRET", default="")
_qyapi = "https://qyapi.weixin.qq.com"
WECOM_API_BASE = web_address("WECOM_API_BASE", _qyapi)
# A stand-in for the API stands in for the log-in pages too; the real ones live on hosts of their own.
_stand_in = "" if WECOM_API_BASE.startswith(_qyapi) else "/".join(WECOM_API_BASE.split("/")[:3])
WECOM_OAUTH_BASE = web_address("WECOM_OAUTH_BASE", _stand_in or "https://open.weixin.qq.com")
WECOM_LOGIN_BASE = web_address("WECOM_LOGIN_BASE", _stand_in or "https://login.work.weixin.qq.com")
if WECOM_AES_KEY and len(WECOM_AES_KEY) != 43:
    raise SettingError("WECOM_AES_KEY", "must have exactly 43 characters")
WECOM_ENABLED = bool(WECOM_CORP_ID and WECOM_SECRET)
for _name in ("WECOM_AGENT_ID", "WECOM_TOKEN", "WECOM_AES_KEY"):
    if WECOM_ENABLED and not globals()[_name]:
        raise SettingError(_name, "is needed where WECOM_CORP_ID and WECOM_SECRET are set")

WECOM_PACE = parsed("BATON_WECOM_PACE", rates, "30/60 1000/3600")

# --- what others can reach must not be open to everybody (A49) -------------------------------------
_judged = production.Start(
    is_demo=IS_DEMO,
    url=BATON_URL,
    host=_host,
    hosts=ALLOWED_HOSTS[1:],
    secret_key=SECRET_KEY,
    audit_keys={"BATON_AUDIT_KEY": AUDIT_KEY} | {f"BATON_AUDIT_KEYS ({key})": AUDIT_KEYS[key] for key in AUDIT_KEYS},
    wecom={name: env.str(name, default="") for name in production.WECOM_SECRETS},
    public_wecom={name: sandbox_wecom(Ports(0, 0, 0, 0))[name] for name in production.WECOM_SECRETS},
)
IS_PUBLIC = _judged.is_public
_refused = list(production.refusals(_judged))
if _refused:
    raise SettingError(*_refused[0], *_refused[1:])

# --- the audit trail outside the database ------------------------------------------------------------
ANCHOR_DIR = env.str("BATON_ANCHOR_DIR", default="") or str(HOME / "anchors")
ANCHOR_MAIL = yes_or_no("BATON_ANCHOR_MAIL")

# --- automation -------------------------------------------------------------------------------------
AUTOMATION_HOME = HOME / "automation"
JOB_MEMORY_MB = at_least_one("BATON_JOB_MEMORY_MB", 512)
JOURNAL_DIR = env.str("BATON_JOURNAL_DIR", default="") or str(HOME / "journal")

LOG_LEVEL = env.str("BATON_LOG_LEVEL", default="INFO").upper()
if LOG_LEVEL not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
    raise SettingError("BATON_LOG_LEVEL", "must be DEBUG, INFO, WARNING, ERROR or CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "config.logs.LineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
