"""Progress of background work: how long the oldest row of each kind waits, and whether any process handles that kind.

A waiting row alone is no error: WeCom may be down, the executor busy, or a backlog in progress. It is an error if a row
is overdue and no process has handled its kind for as long (F18). So the site stays ready while other services are
down, and reports within a minute that a worker or beat has stopped.
"""

from dataclasses import dataclass

from django.db import connection

from config.pulses import EXECUTOR

LIMIT_S = 30.0  # the sweeps handle due rows within this time (I18)

# All times are by the database's clock. Heartbeats in the future are ignored: the clock was set back since (F32).
QUERY = """
WITH moment AS (SELECT clock_timestamp() AS now),
pulse AS (
    SELECT name, CASE WHEN at <= now + interval '5 s' THEN extract(epoch FROM now - at) END AS age
    FROM config_pulse, moment WHERE name NOT LIKE '%:%'
)
SELECT
    (SELECT extract(epoch FROM now - min(due_at)) FROM tickets_outbox WHERE due_at <= now),
    (SELECT extract(epoch FROM now - min(due_at)) FROM tickets_timer WHERE fired_at IS NULL AND due_at <= now),
    (SELECT extract(epoch FROM now - min(due_at)) FROM notify_delivery
     WHERE state IN ('queued', 'failed') AND due_at <= now AND (lease_until IS NULL OR lease_until <= now)),
    (SELECT extract(epoch FROM now - min(greatest(created_at, not_before, started_at))) FROM automation_job
     WHERE state = 'waiting' AND (not_before IS NULL OR not_before <= now) AND expires_at > now),
    (SELECT extract(epoch FROM now - min(greatest(created_at, started_at))) FROM automation_dryrun
     WHERE state = 'waiting'),
    (SELECT extract(epoch FROM now - max(heartbeat_at)) FROM automation_job
     WHERE state = 'running' AND heartbeat_at <= now + interval '5 s'),
    (SELECT extract(epoch FROM now - max(at)) FROM config_pulse
     WHERE starts_with(name, 'clock:') AND at <= now + interval '5 s'),
    (SELECT json_object_agg(name, age) FROM pulse)
FROM moment
"""


@dataclass(frozen=True)
class Progress:
    """ages: seconds that the oldest row of each kind has waited, 0 if none waits. pulses: seconds since each heartbeat.

    Heartbeats that never happened, or lie in the future, are left out. clock: seconds since a clock last sent a task.
    """

    ages: dict[str, float]
    pulses: dict[str, float]
    clock: float | None = None

    @property
    def stuck(self) -> list[str]:
        """The kinds that are overdue and that no process has handled for longer than LIMIT_S."""
        return [kind for kind, age in self.ages.items() if age > LIMIT_S and self.silence_of(kind) > LIMIT_S]

    def silence_of(self, kind: str) -> float:
        """Seconds since a process last handled this kind; infinite if none ever did."""
        return self.pulses.get(TAKEN_BY[kind], float("inf"))

    def as_json(self) -> dict[str, float | None]:
        """For /readyz. clock, sweep, executor: seconds since the last sign of life, null if there was none."""
        sweeps = [self.pulses.get(name) for name in ("tickets.dispatch_outbox", "tickets.sweep", "notify.sweep")]
        known = [age for age in sweeps if age is not None]
        sweep = max(known) if len(known) == len(sweeps) else None
        executor = self.pulses.get(EXECUTOR)
        ages: dict[str, float | None] = {**self.ages, "clock": self.clock, "sweep": sweep, "executor": executor}
        return {f"{kind}_age_s": None if age is None else round(age, 1) for kind, age in ages.items()}


TAKEN_BY = {
    "outbox": "tickets.dispatch_outbox",
    "timer": "tickets.sweep",
    "delivery": "notify.sweep",
    "job": EXECUTOR,
    "dry_run": EXECUTOR,
}


def measure() -> Progress:
    """Read the progress with one statement. The heartbeat of a running job counts for its executor too."""
    with connection.cursor() as cursor:
        cursor.execute(QUERY)
        *ages, heartbeat, clock, pulses = cursor.fetchone()
    pulses = {name: max(0.0, age) for name, age in (pulses or {}).items() if age is not None}
    if heartbeat is not None:
        pulses[EXECUTOR] = min(pulses.get(EXECUTOR, float("inf")), max(0.0, float(heartbeat)))
    found = dict(zip(TAKEN_BY, ages, strict=True))
    ages = {kind: max(0.0, float(age or 0)) for kind, age in found.items()}
    return Progress(ages, pulses, None if clock is None else max(0.0, float(clock)))


def refused() -> tuple[int, float | None]:
    """(number of broker messages refused so far, seconds since the last one or None)."""
    return _counted("refused:")


def unsealed() -> tuple[int, float | None]:
    """(number of rows found so far that Baton did not write, seconds since the last one or None)."""
    return _counted("unsealed:")


def _counted(prefix: str) -> tuple[int, float | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(count), 0), extract(epoch FROM clock_timestamp() - max(at)) "
            "FROM config_pulse WHERE starts_with(name, %s)",
            [prefix],
        )
        count, age = cursor.fetchone()
    return int(count), None if age is None else float(age)
