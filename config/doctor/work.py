"""Checks of the work itself: does anything stand still, and does everything reach those whom it is for?"""

from datetime import UTC, datetime, timedelta

from django.conf import settings

from config import progress, versions

REFUSED_LATELY_S = 24 * 3600


def moving() -> str:
    """Check that no work is stuck and the sweeps run; if not, a worker has stopped, or its clock (F18)."""
    now = progress.measure()
    if now.stuck:
        waits = ", ".join(f"{kind} for {now.ages[kind]:.0f} s" for kind in now.stuck)
        return f"work is due and nobody takes it: {waits}. Restart the worker and (for jobs and dry runs) the executor"
    age = now.as_json()["sweep_age_s"]
    if age is None or age > progress.LIMIT_S:
        since = "never" if age is None else f"{age:.0f} s ago"
        ticks = now.clock is not None and now.clock <= progress.LIMIT_S
        why = "the clock runs, so check the broker" if ticks else "it has the clock"
        return f"the last sweep ran {since}: does the worker of the queue default run? ({why})"
    return "ok"


def versions_in_use() -> str:
    """Check that all workers and executors run the version of this command."""
    stale = [f"{', '.join(sorted(hosts))} {version}" for version, hosts in versions.others().items()]
    return f"this is {versions.VERSION}, but these ran in the last minute: {'; '.join(stale)}" if stale else "ok"


def messages() -> str:
    """Check that nobody else writes to the broker (A31)."""
    count, age = progress.refused()
    if age is None or age > REFUSED_LATELY_S:
        return "ok"
    return (
        f"{count} were not Baton's, the last one {age:.0f} s ago: find out who else writes to BROKER_URL and block them"
    )


def rows() -> str:
    """Check that nobody else writes rows that lead to decisions (A32)."""
    count, age = progress.unsealed()
    if age is None or age > REFUSED_LATELY_S:
        return "ok"
    return (
        f"{count} rows that decide were not written by Baton, the last one {age:.0f} s ago: "
        "find out who else writes to the database"
    )


def sites() -> str:
    """Check that no job waits for a site without a running executor."""
    from automation.queries.without_executor import sites_without_executor

    places = [site or "the main site" for site in sites_without_executor(datetime.now(UTC))]
    return (
        f"jobs wait, and no executor takes them: {', '.join(places)}. Start one there (BATON_SITE)" if places else "ok"
    )


def anchors() -> str:
    """Check that the end of the audit trail is copied out of the database every day."""
    from tickets.audit import anchors
    from tickets.models import Ticket

    kept = anchors.kept()
    since = datetime.now(UTC) - timedelta(days=2)
    if (kept and kept[-1][0] >= since.date()) or not Ticket.objects.filter(created_at__lt=since).exists():
        return "ok"
    return f"{anchors.folder()} holds none of the last two days: does the worker run, and can it write there?"


def reports() -> str:
    """Check that the monthly workbook reaches the recipients in BATON_REPORT_TO."""
    from reports.models import Sending
    from reports.recipients import unknown_names

    unknown = unknown_names()
    if unknown:
        return f"BATON_REPORT_TO names {', '.join(unknown)}: neither an active username nor a role"
    dead = Sending.objects.filter(state="dead").select_related("recipient").order_by("-pk").first()
    if dead is not None and dead.recipient.is_active:
        return f"the workbook of {dead.month} did not reach {dead.recipient} by {dead.channel}: {dead.last_error}"
    return "ok" if settings.REPORT_TO else "off: set BATON_REPORT_TO to send the month's workbook to roles or people"
