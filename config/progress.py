"""Does the work go on? How long the oldest of each kind waits, and whether that is for want of anybody who takes it.

A row that waits is no sign of trouble by itself: WeCom may be down, the executor busy with long jobs, a backlog under
way. Trouble is a row that is due for longer than it may be while nobody has come for its kind for as long (F18). So
the site stays ready while others are down, and says within a minute that a worker or the clock has stopped.
"""

from dataclasses import dataclass

from django.db import connection

LIMIT_S = 30.0  # what the sweeps promise (I18)

# Everything by the database's clock. A sign of life from the future is none: that clock was set back since (F32).
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
    (SELECT extract(epoch FROM now - max(heartbeat_at)) FROM automation_job
     WHERE state = 'running' AND heartbeat_at <= now + interval '5 s'),
    (SELECT json_object_agg(name, age) FROM pulse)
FROM moment
"""


@dataclass(frozen=True)
class Progress:
    """ages: seconds that the oldest of each kind has waited, 0 where none waits. pulses: seconds since each last beat.

    A pulse that never beat, or beats in the future, is not among them.
    """

    ages: dict[str, float]
    pulses: dict[str, float]

    @property
    def stuck(self) -> list[str]:
        """The kinds that wait for longer than they may, and that nobody has come for."""
        return [kind for kind, age in self.ages.items() if age > LIMIT_S and self.silence_of(kind) > LIMIT_S]

    def silence_of(self, kind: str) -> float:
        """Seconds since somebody last came for this kind; infinite where nobody ever did."""
        return self.pulses.get(TAKEN_BY[kind], float("inf"))

    def as_json(self) -> dict[str, float | None]:
        """For /readyz. sweep, executor: seconds since each last gave a sign of life, null where it never did."""
        sweeps = [self.pulses.get(name) for name in ("tickets.dispatch_outbox", "tickets.sweep", "notify.sweep")]
        known = [age for age in sweeps if age is not None]
        sweep = max(known) if len(known) == len(sweeps) else None
        executor = self.pulses.get(EXECUTOR)
        ages: dict[str, float | None] = {**self.ages, "sweep": sweep, "executor": executor}
        return {f"{kind}_age_s": None if age is None else round(age, 1) for kind, age in ages.items()}


EXECUTOR = "config.executor_pulse"
TAKEN_BY = {
    "outbox": "tickets.dispatch_outbox",
    "timer": "tickets.sweep",
    "delivery": "notify.sweep",
    "job": EXECUTOR,
}


def look() -> Progress:
    """One statement. A running job's heartbeat is a sign of its executor's life too."""
    with connection.cursor() as cursor:
        cursor.execute(QUERY)
        *ages, heartbeat, pulses = cursor.fetchone()
    pulses = {name: max(0.0, age) for name, age in (pulses or {}).items() if age is not None}
    if heartbeat is not None:
        pulses[EXECUTOR] = min(pulses.get(EXECUTOR, float("inf")), max(0.0, float(heartbeat)))
    found = dict(zip(TAKEN_BY, ages, strict=True))
    return Progress({kind: max(0.0, float(age or 0)) for kind, age in found.items()}, pulses)


def refused() -> tuple[int, float | None]:
    """How many messages from the broker were none of ours so far, and seconds since the last one."""
    return _counted("refused:")


def unsealed() -> tuple[int, float | None]:
    """How many rows that lead to a decision were not written by us so far, and seconds since the last one."""
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
