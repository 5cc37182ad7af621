"""Schedule of the periodic tasks: it uses the monotonic clock and stores nothing on disk (I18, F08, F32)."""

import time
from typing import Any

from celery.beat import Scheduler


class SteadyScheduler(Scheduler):
    """Run each task once at the start, and then at its interval, by the monotonic clock.

    Each task may run at any time, so nothing needs to be kept between restarts.
    """

    def setup_schedule(self) -> None:
        """Load the schedule from the settings."""
        self.merge_inplace(self.app.conf.beat_schedule)
        self._due_at = dict.fromkeys(self.schedule, 0.0)

    def tick(self, *_args: Any, **_options: Any) -> float:
        """Send the tasks that are due; return the seconds until the next one."""
        entry: Any
        for name, entry in self.schedule.items():
            if time.monotonic() >= self._due_at[name]:
                self._due_at[name] = time.monotonic() + entry.schedule.seconds
                self.apply_entry(entry, producer=self.producer)
        return max(0.0, min(self._due_at.values()) - time.monotonic())
