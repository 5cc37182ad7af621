"""The web app's files, attachments, and the size of requests."""

from config.settings.reading import HOME, ROOT, at_least_one, env

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
        "BACKEND": "tickets.files.storage.LocalStorage",
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
BODY_MAX_BYTES = max(8 * _MB, ATTACHMENT_MAX_BYTES + _MB)  # of any request; each kind has its own lower limit
WEB_THREADS = at_least_one("BATON_WEB_THREADS", 2)
