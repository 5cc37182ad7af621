"""Health endpoints: liveness, readiness, metrics."""

import json
import urllib.request
from functools import cache
from typing import Any

from celery import current_app
from django.conf import settings
from django.core import signing
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse

from config import progress
from config.versions import VERSION

PROBE = "X-Baton-Probe"


def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The process answers."""
    return JsonResponse({"ok": True})


def hops(request: HttpRequest) -> HttpResponse:
    """The number of addresses in X-Forwarded-For, for our own signed probe only; other requests get none (A46)."""
    try:
        signing.loads(request.headers.get(PROBE, ""), salt=PROBE, max_age=60)
    except signing.BadSignature:
        return JsonResponse({"ok": True})
    named = request.headers.get("X-Forwarded-For", "")
    return JsonResponse({"ok": True, "hops": len(named.split(",")) if named.strip() else 0})


def proxies() -> str:
    """Whether BATON_PROXY_COUNT is the real number of reverse proxies, by a request to BATON_URL. "ok" or a problem."""
    probe = urllib.request.Request(  # noqa: S310 (the address of the settings)
        f"{settings.BATON_URL}/healthz/hops", headers={PROBE: signing.dumps("hops", salt=PROBE)}
    )
    try:
        with urllib.request.urlopen(probe, timeout=5) as answer:  # noqa: S310
            found = json.load(answer).get("hops")
    except (OSError, ValueError) as error:
        return f"off: {settings.BATON_URL} does not answer from here ({type(error).__name__}), so nobody was counted"
    if found is None or found == settings.PROXY_COUNT:
        return "ok" if found is not None else "off: what answers there is another installation"
    return (
        f"requests to {settings.BATON_URL} arrive through {found}, BATON_PROXY_COUNT says {settings.PROXY_COUNT}: "
        f"set it to {found}, else everybody has the reverse proxy's address, or may invent one"
    )


def database() -> str:
    """Check that the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """(app, name) of each migration of this process's code, read once: the folder may hold newer code later."""
    return frozenset(MigrationLoader(None).graph.nodes)


def migrations() -> str:
    """Check that all migrations are applied."""
    missing = known_migrations() - MigrationRecorder(connection).applied_migrations().keys()
    return "ok" if not missing else f"{len(missing)} not applied: run ./manage.py migrate"


def broker() -> str:
    """Check that the broker accepts a connection."""
    with current_app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
    return "ok"


def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Database, migrations and broker, each "ok" or the problem, and how long the oldest row of each kind waits.

    503 if one is not ok, or if a kind of work is overdue and no process handles it: `stuck` names it.
    """
    found: dict[str, Any] = {}
    for name, check in (("database", database), ("migrations", migrations), ("broker", broker)):
        try:
            found[name] = check()
        except Exception as error:  # noqa: BLE001 (whatever it is, it is not ready)
            found[name] = type(error).__name__
    ready = all(value == "ok" for value in found.values())
    if ready:
        now = progress.measure()
        found |= {"progress": now.as_json(), "stuck": now.stuck}
        ready = not now.stuck
    return JsonResponse({"ok": ready, **found}, status=200 if ready else 503)


GAUGES = {
    "baton_tickets_open": "SELECT count(*) FROM tickets_ticket WHERE finished_at IS NULL",
    "baton_tasks_pending": "SELECT count(*) FROM tickets_approvaltask WHERE state = 'pending'",
    "baton_outbox_waiting": "SELECT count(*) FROM tickets_outbox",
    "baton_deliveries_waiting": "SELECT count(*) FROM notify_delivery WHERE state IN ('queued', 'failed')",
    "baton_jobs_running": "SELECT count(*) FROM automation_job WHERE state = 'running' AND heartbeat_at IS NOT NULL",
}


def metrics(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Metrics in Prometheus text format: the version of this process; open, pending and waiting work."""
    lines = ["# TYPE baton_build_info gauge", f'baton_build_info{{version="{VERSION}"}} 1']
    with connection.cursor() as cursor:
        for name, query in GAUGES.items():
            cursor.execute(query)
            lines += [f"# TYPE {name} gauge", f"{name} {cursor.fetchone()[0]}"]
    for kind, age in progress.measure().as_json().items():
        name = f"baton_{kind}".replace("_age_s", "_age_seconds")
        lines += [f"# TYPE {name} gauge", f"{name} {'NaN' if age is None else age}"]
    for name, (count, _age) in (("messages_refused", progress.refused()), ("rows_refused", progress.unsealed())):
        lines += [f"# TYPE baton_{name}_total counter", f"baton_{name}_total {count}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")
