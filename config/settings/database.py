"""The database and its pool of connections."""

from config.settings.reading import SettingError, at_least_one, env, parsed, required, yes_or_no

if not required("DATABASE_URL").startswith(("postgres", "pgsql://", "psql://")):
    raise SettingError("DATABASE_URL", "must name a PostgreSQL database (postgres://…)")
DATABASES = {"default": parsed("DATABASE_URL", env.db_url)}
if "postgresql" not in DATABASES["default"].get("ENGINE", ""):
    raise SettingError("DATABASE_URL", "must name a PostgreSQL database (postgres://…)")
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"] |= {
    # What nobody has used for a minute is closed: a connection costs the server some megabytes.
    "pool": {"min_size": 1, "max_size": at_least_one("BATON_DB_POOL", 16), "timeout": 5, "max_idle": 60}
}
IS_BEHIND_PGBOUNCER = yes_or_no("BATON_PGBOUNCER")
if IS_BEHIND_PGBOUNCER:  # it refuses start-up options and shares sessions: these limits must be set on the role
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
    DATABASES["default"]["OPTIONS"]["prepare_threshold"] = None
else:
    DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 5  # allows common.prepared; the ORM does not prepare
    # Left to itself, PostgreSQL plans our longest prepared statements anew each time, because it takes a list of one
    # for a list of ten: that costs a millisecond, running them a third of it. Nothing but common.prepared prepares.
    DATABASES["default"]["OPTIONS"]["options"] = (
        "-c lock_timeout=15s -c idle_in_transaction_session_timeout=60s -c plan_cache_mode=force_generic_plan"
    )
# Connections of the pool are checked without asking the server; a firewall that forgets them is noticed in two minutes.
DATABASES["default"]["ENGINE"] = "common.postgres"
DATABASES["default"]["OPTIONS"] |= {"keepalives_idle": 60, "keepalives_interval": 20, "keepalives_count": 3}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
