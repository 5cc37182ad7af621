"""One run through Salt, as the worker holds it: a thread does the blocking work, `poll` returns its news."""

import logging
import queue
import threading
import time
from collections.abc import Mapping
from typing import Any, Self

from automation.actions.executors import Draft
from automation.executors.base import Execution, Executor, HostResult, News, Order, Refused
from automation.executors.salt.account import NotSet, account_of
from automation.executors.salt.api_connection import UNAUTHORISED, SaltApiError
from automation.executors.salt.client import Salt
from automation.executors.salt.drive import LOST, Drive
from automation.executors.salt.lookup import look_up
from automation.executors.salt.section import check_section
from automation.executors.salt.work import prepare
from automation.models.host import Connection
from templates_engine.text import both

logger = logging.getLogger("baton.automation")
END_S = 40.0


class SaltExecutor(Executor):
    """Runs the action's function or states on exactly the order's minions, through salt-api."""

    name, label = "salt", both("Salt", "Salt")
    foresees = True
    reaches_by = Connection.SALT
    is_traced = True

    def check_section(self, draft: Draft) -> None:
        """The states, function or runner. Raises ValueError."""
        check_section(draft.run, draft.files, draft.params, draft.dry_run)

    def main_file(self, run: Mapping[str, Any]) -> tuple[str, str] | None:
        """The states, if there are any."""
        return ("state", run["state"]) if "state" in run else None

    def start(self, order: Order) -> Execution:
        """Begin. Raises Refused if the action is not the approved one, or if Salt refuses the log-in."""
        work = prepare(order)
        salt = self._salt(order)
        try:
            salt.log_in()
        except SaltApiError as error:
            raise Refused(f"Salt cannot be reached: {error}") from error
        return SaltExecution(Drive(salt, work))

    def why_unreachable(self, credentials: Mapping[str, Mapping[str, str]]) -> str:
        """Why salt-api, or the master behind it, cannot be reached with this action's log-in. "" if it can, or if only
        a person can fix it: then `start` gives the reason."""
        try:
            account = account_of(credentials)
        except NotSet:
            return ""
        try:
            Salt(account).log_in()
        except SaltApiError as error:
            return "" if error.status == UNAUTHORISED else f"Salt cannot be reached: {error}"
        return ""

    def look_up(self, order: Order) -> Mapping[str, HostResult] | None:
        """The master's record of this order's run. Raises Refused if the master cannot be asked."""
        if not order.key:
            return None
        work, salt = prepare(order), self._salt(order)
        try:
            salt.log_in()
            return look_up(salt, work)
        except SaltApiError as error:
            raise Refused(f"Salt cannot be asked: {error}") from error

    @staticmethod
    def _salt(order: Order) -> Salt:
        try:
            return Salt(account_of(order.credentials))
        except NotSet as error:
            raise Refused(str(error)) from error


class SaltExecution:
    """A Drive in its thread. The minions do not depend on the worker: if the worker dies, the run goes on, and
    `look_up` finds it by its job id."""

    def __init__(self, drive: Drive) -> None:
        self.exit_code: int | None = None
        self.has_verdict = False
        self.began_at = time.monotonic()
        self._drive = drive
        self._thread = threading.Thread(target=self._work, name="salt-run", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            self._drive.run()
        except Exception:
            logger.exception("salt.run_failed")
            self._drive.end(LOST, has_verdict=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        """If the run has not ended, stop it as far as possible."""
        if self._thread.is_alive():
            self._drive.stop()
            self._thread.join(END_S)
        self._drive.close()

    def renew(self) -> None:
        """Nothing to renew: no local process does the work."""

    def stop(self) -> None:
        """Kill the job on every minion that runs it; a minion that is not proved to have stopped is unknown."""
        self._drive.stop()

    def poll(self, timeout_s: float) -> News:
        """The news since the last call."""
        found = self._take(timeout_s)
        if self.exit_code is None and self._drive.ending is not None and self._drive.news.empty():
            self.exit_code, self.has_verdict = self._drive.ending
        return found

    def _take(self, timeout_s: float) -> News:
        pieces: list[News] = []
        try:
            pieces.append(self._drive.news.get(timeout=timeout_s if self._drive.ending is None else 0.001))
            while True:
                pieces.append(self._drive.news.get_nowait())
        except queue.Empty:
            pass
        hosts: dict[str, HostResult] = {}
        outputs: dict[str, Any] = {}
        for piece in pieces:
            hosts |= piece.hosts
            outputs |= piece.outputs
        diffs = tuple(diff for piece in pieces for diff in piece.diffs)
        unforeseen = tuple(note for piece in pieces for note in piece.unforeseen)
        return News(b"".join(piece.text for piece in pieces), hosts, diffs, unforeseen, outputs)
