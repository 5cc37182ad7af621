"""When to sweep: by a clock that nobody can set, and with nothing on disk (I18, F8, F32)."""

import time
from typing import Any

from celery.beat import Scheduler


class SteadyScheduler(Scheduler):
    """Everything once at the start, and then each as often as it says, counted in seconds that pass.

    Whatever it rings for may be rung for at any time, so nothing has to be remembered from one start to the next.
    """

    def setup_schedule(self) -> None:
        """The table in the settings is all there is."""
        self.merge_inplace(self.app.conf.beat_schedule)
        self._due_at = dict.fromkeys(self.schedule, 0.0)

    def tick(self, *_args: Any, **_options: Any) -> float:
        """Ring for what is due; seconds until the next."""
        entry: Any
        for name, entry in self.schedule.items():
            if time.monotonic() >= self._due_at[name]:
                self._due_at[name] = time.monotonic() + entry.schedule.seconds
                self.apply_entry(entry, producer=self.producer)
        return max(0.0, min(self._due_at.values()) - time.monotonic())
