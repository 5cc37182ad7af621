"""Records outside the database: anchors of the audit trail, log lines."""

from config.settings.reading import HOME, SettingError, env, yes_or_no

ANCHOR_DIR = env.str("BATON_ANCHOR_DIR", default="") or str(HOME / "anchors")
ANCHOR_MAIL = yes_or_no("BATON_ANCHOR_MAIL")

LOG_LEVEL = env.str("BATON_LOG_LEVEL", default="INFO").upper()
if LOG_LEVEL not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
    raise SettingError("BATON_LOG_LEVEL", "must be DEBUG, INFO, WARNING, ERROR or CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "common.logs.LineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
