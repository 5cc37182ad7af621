"""A cache, in this process, of the stored action versions and of which version of each action is released.

One small query checks for changes when the cache is a few seconds old. A version itself never changes and is read
once. A submission therefore costs almost no queries here.
"""

import base64
import logging
import threading
import time
from collections import OrderedDict

from django.db.models import Count, Max

from accounts.models import AdminEvent
from automation.actions.document import Action, stored_action
from automation.actions.files import SHORT, content_version
from automation.actions.seals import is_sound
from automation.models import ActionVersion

logger = logging.getLogger("baton.automation")
FRESH_S = 2.0
KEPT = 256
SHIPPED = "shipped"  # the source of actions that ship with Baton
State = ActionVersion.State


class Shelf:
    """The cache of stored versions. One for each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Empty the cache, so that everything is read again."""
        self._looked_at = float("-inf")
        self._mark: tuple[int, int | None] | None = None
        self._released: dict[str, str] = {}
        self._kept: OrderedDict[tuple[str, str], Action | None] = OrderedDict()

    def released(self) -> dict[str, str]:
        """Key → its released version, or "" if all its versions are withdrawn or not yet released."""
        with self._lock:
            if time.monotonic() - self._looked_at > FRESH_S:
                self._refresh()
            return self._released

    def _refresh(self) -> None:
        found = ActionVersion.objects.aggregate(count=Count("pk"), last=Max("change"))
        mark = (found["count"], found["last"])
        if mark != self._mark:
            self._released, self._mark = _released(), mark
        self._looked_at = time.monotonic()

    def find(self, key: str, version: str) -> Action | None:
        """This stored version in any state, or None. version: the hash, or the first 12 digits of a shipped one."""
        with self._lock:
            if (key, version) in self._kept:
                self._kept.move_to_end((key, version))
                return self._kept[key, version]
        action = _read(key, version)
        if action is not None:
            with self._lock:
                self._kept[key, version] = action
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return action


def _released() -> dict[str, str]:
    """Key → released version, as in Shelf.released. Rows that fail their seal or trail check are ignored (A32)."""
    acts = last_acts()
    found: dict[str, str] = {}
    for row in ActionVersion.objects.defer("files").order_by("key", "pk"):
        found.setdefault(row.key, "")
        if row.state != State.RELEASED:
            continue
        if is_believed(row, acts):
            found[row.key] = row.version
        else:
            logger.error("action.not_sound", extra={"action": row.key, "version": row.version})
    return found


def last_acts() -> dict[tuple[str, str], int]:
    """(key, version) → the number of the newest entry about it in the audit trail of administration."""
    acts = AdminEvent.objects.filter(about__startswith="action:").order_by("seq")
    found: dict[tuple[str, str], int] = {}
    for seq, data in acts.values_list("seq", "data"):
        for version in (data["version"], data.get("replaces")):
            found[data["key"], version] = seq
    return found


def is_believed(row: ActionVersion, acts: dict[tuple[str, str], int]) -> bool:
    """Whether Baton wrote this row and it was not changed since. acts: as of last_acts."""
    return is_sound(row) and acts.get((row.key, row.version)) == row.act


def _read(key: str, version: str) -> Action | None:
    wanted = {"version": version}
    # A short version is from an old plan, when only shipped actions existed. Look only at shipped ones: a team's
    # action could be built so that its hash starts with the same digits.
    if len(version) == SHORT:
        wanted = {"version__startswith": version, "source": SHIPPED}
    rows = list(ActionVersion.objects.filter(key=key, **wanted)[:2])
    if len(rows) != 1:
        return None
    [row] = rows
    files = {name: base64.b64decode(data) for name, data in row.files.items()}
    if not is_sound(row) or content_version(files) != row.version:
        logger.error("action.not_sound", extra={"action": row.key, "version": row.version})
        return None
    try:
        return stored_action(row.key, files)
    except ValueError as error:
        logger.error("action.unreadable", extra={"action": key, "version": row.version, "error": str(error)})  # noqa: TRY400
        return None
