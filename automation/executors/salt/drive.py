"""One run through Salt: ping the minions, send and follow the job, retry busy minions, collect the results."""

import queue
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

from automation.executors.base import HostResult, News
from automation.executors.host_words import (
    BACKGROUND,
    BUSY,
    MAYBE_SENT,
    NO_WORD,
    NOT_KNOWN,
    NOT_SEEN_TO_END,
    NOT_THERE,
    RAN_FOR_REAL,
    RUNNER_GOES_ON,
)
from automation.executors.salt.answers import MinionResult
from automation.executors.salt.api_connection import SaltApiError
from automation.executors.salt.asked import Unanswered, answer_unless
from automation.executors.salt.client import Answer, Request, Salt
from automation.executors.salt.ending import killed, missing_folders
from automation.executors.salt.jid import jid_of
from automation.executors.salt.rounds import EventListener, Round
from automation.executors.salt.work import Work
from automation.models.job import DONE, HostStatus

HERE_S = 5.0  # a minion that has not answered a ping by then is sent nothing
WAITS_S = (1.0, 2.0, 4.0, 8.0, 15.0)
FAILED, LOST = 2, 97
REFUSED = frozenset({400, 401})  # status codes that mean that nothing was done

NOT_SENT = "Salt did not take the request, so nothing was sent."
NO_DRY_RUN = "a function has no dry run"


class Drive:
    """Runs in a thread of its own; the worker reads `news` and `ending`."""

    def __init__(self, salt: Salt, work: Work) -> None:
        self.salt, self.work = salt, work
        self.news: queue.SimpleQueue[News] = queue.SimpleQueue()
        self.ending: tuple[int, bool] | None = None
        self._stopped = threading.Event()
        self._listener = EventListener(salt)
        self._results: dict[str, HostResult] = {}

    def stop(self) -> None:
        """Ask the run to stop."""
        self._stopped.set()

    def close(self) -> None:
        """Close the event stream."""
        self._listener.close()

    def end(self, code: int, *, has_verdict: bool) -> None:
        """Record how the run ended, and wake the reader of `news`."""
        self.ending = (code, has_verdict)
        self.news.put(News(b"", {}))

    def run(self) -> None:
        """Do the whole run."""
        work = self.work
        if work.is_check and work.high is None:
            self._report({name: HostResult(HostStatus.OK) for name in work.hosts.values()})
            notes = tuple((name, f"{work.fun}: {NO_DRY_RUN}") for name in work.hosts.values())
            self.news.put(News(b"", {}, unforeseen=notes))
            self.end(0, has_verdict=True)
            return
        if work.is_runner:
            self._run_runner()
        else:
            self._run_minions()
        codes = [result.status for result in self._results.values()]
        if HostStatus.UNKNOWN in codes:
            self.end(LOST, has_verdict=False)
        else:
            self.end(0 if codes and all(code in DONE for code in codes) else FAILED, has_verdict=True)

    # --- one function of the master

    def _run_runner(self) -> None:
        work, hosts = self.work, list(self.work.hosts.values())
        if self._stopped.is_set():
            return
        self._report({name: HostResult(HostStatus.RUNNING) for name in hosts})
        timeout_s = work.order.action.timeout_s
        try:
            found = answer_unless(self._stopped, lambda: self.salt.runner(work.fun, work.kwarg, timeout_s))
        except Unanswered:
            self._settle(hosts, HostStatus.UNKNOWN, RUNNER_GOES_ON)
            return
        except SaltApiError as error:
            is_open = error.sent and error.status not in REFUSED
            self._settle(hosts, HostStatus.UNKNOWN if is_open else HostStatus.FAILED, f"{error}")
            return
        answer = Answer(found, 0, success=True)
        if isinstance(found, dict) and isinstance(found.get("data"), dict):  # salt-api 3008.3 wraps it, as in its event
            found = found["data"]
        if isinstance(found, dict) and {"return", "success"} <= set(found):
            answer = Answer(found["return"], 0, found["success"])
        for minion in work.hosts:
            result = work.result_of(minion, answer)
            self._say(result.text)
            self._keep_result(minion, result)

    # --- minions

    def _run_minions(self) -> None:
        self._listener.listen()
        there = self._present()
        again = 0
        while there and not self._stopped.is_set():
            there = self._round(there, again)
            if there and self._stopped.wait(WAITS_S[min(again, len(WAITS_S) - 1)]):
                self._settle(self._names(there), HostStatus.FAILED, BUSY)
                return
            again += 1

    def _names(self, minions: Iterable[str]) -> list[str]:
        return [self.work.hosts[minion] for minion in minions]

    def _present(self) -> list[str]:
        """The minions that are up now; the others get their final result here."""
        minions = list(self.work.hosts)
        jid = jid_of("", "ping", minions)
        self._listener.jids.add(jid)
        try:
            known = self.salt.publish(Request("test.ping", minions, jid, label=self.work.label))
        except SaltApiError as error:
            self._settle(self._names(minions), HostStatus.SKIPPED, f"{NOT_SENT} {error}")
            return []
        self._settle(self._names(name for name in minions if name not in known), HostStatus.UNREACHABLE, NOT_KNOWN)
        silent = self._await_pings(set(known), jid)
        if silent:
            silent -= self._recorded(jid)
        self._settle(self._names(name for name in known if name in silent), HostStatus.UNREACHABLE, NOT_THERE)
        return [name for name in known if name not in silent]

    def _await_pings(self, waiting: set[str], jid: str) -> set[str]:
        deadline = time.monotonic() + HERE_S
        while waiting and time.monotonic() < deadline and not self._stopped.is_set():
            try:
                tag, data = self._listener.events.get(timeout=0.2)
            except queue.Empty:
                continue
            if tag.startswith(f"salt/job/{jid}/ret/") and isinstance(data.get("id"), str):
                waiting.discard(data["id"])
        return waiting

    def _recorded(self, jid: str) -> set[str]:
        try:
            record = self.salt.record(jid, self.work.label)
        except SaltApiError:
            return set()
        return set(record.answers) if record else set()

    def _round(self, minions: list[str], again: int) -> list[str]:
        """Send the job to these minions and follow it to its end; return the busy ones, which are asked again."""
        work, jid = self.work, self.work.jid(again)
        self._listener.jids.add(jid)
        request = Request(work.fun, minions, jid, work.kwarg, is_test=work.is_check, label=work.label)
        kind = "dry run" if work.is_check else "run"
        names = ", ".join(self._names(minions))
        self._say(f"Salt {kind} {jid} ({work.fun}) on {names}\n")
        self._report({name: HostResult(HostStatus.RUNNING) for name in self._names(minions)})
        lost_why = NO_WORD
        try:
            sent = self.salt.publish(request)
        except SaltApiError as error:
            if not error.sent or error.status in REFUSED:
                self._settle(self._names(minions), HostStatus.SKIPPED, f"{NOT_SENT} {error}")
                return []
            sent, lost_why = minions, MAYBE_SENT
            self._say(f"{error}\n")
        self._settle(self._names(name for name in minions if name not in sent), HostStatus.UNREACHABLE, NOT_KNOWN)
        busy: list[str] = []

        def answered(minion: str, answer: Answer) -> None:
            if self._answered(following, minion, answer):
                busy.append(minion)

        following = Round(
            *(self.salt, self._listener, jid, work.label, set(sent), self._stopped),
            *(self._on_event, self._progress, answered),
        )
        following.follow()
        if self._stopped.is_set() and following.pending:
            self._kill(following)
        self._settle(self._names(name for name in sent if name in following.lost), HostStatus.UNKNOWN, lost_why)
        if work.is_check and work.high is not None:
            self._note_folders(following)
        return busy

    def _answered(self, following: Round, minion: str, answer: Answer) -> bool:
        """Judge one minion's answer from the master's record; return whether the minion was busy with another job."""
        found = self.work.result_of(minion, answer)
        if found.is_busy:
            return True
        if not following.has_event(minion):
            self._say(found.text)
        if self.work.is_check and not following.was_test(minion):
            found = replace(found, result=HostResult(HostStatus.FAILED, message=RAN_FOR_REAL))
        self._keep_result(minion, found)
        return False

    def _note_folders(self, following: Round) -> None:
        """Report new files whose folder is missing: a dry run of Salt accepts them, but they fail in the real run."""
        assert self.work.high is not None  # noqa: S101 (only states are foreseen)
        for minion, notes in missing_folders(self.salt, following.answers, self.work.high).items():
            host = self.work.hosts[minion]
            self.news.put(News(b"", {}, unforeseen=tuple((host, note) for note in notes)))

    def _kill(self, following: Round) -> None:
        """Stop the running job; a minion that is not proved to have stopped is unknown."""
        self._say("Ending the run on " + ", ".join(self._names(sorted(following.pending))) + "\n")
        ended = killed(self.salt, following)
        self._settle(self._names(sorted(ended)), HostStatus.RUNNING, BACKGROUND)  # the caller reports how these ended
        unknown = [minion for minion in sorted(following.pending) if minion not in ended]
        self._settle(self._names(unknown), HostStatus.UNKNOWN, NOT_SEEN_TO_END)

    # --- news

    def _on_event(self, minion: str, answer: Answer) -> None:
        """An event: shown at once, but only the master's record decides."""
        found = self.work.result_of(minion, answer)
        self._say(found.text)

    def _progress(self, minion: str, data: Mapping) -> None:
        """Report that one state of the run is done."""
        host = self.work.hosts.get(minion)
        came = data.get("data")
        came = came.get("ret") if isinstance(came, dict) else None
        if host and isinstance(came, dict):
            self._say(f"  {host}: {came.get('__id__', '')} {'…' if came.get('result') else 'failed'}\n")

    def _say(self, text: str) -> None:
        self.news.put(News(text.encode("utf-8", "replace"), {}))

    def _keep_result(self, minion: str, found: MinionResult) -> None:
        host = self.work.hosts[minion]
        self._results[host] = found.result
        notes = tuple((host, note) for note in found.unforeseen)
        self.news.put(News(b"", {host: found.result}, found.diffs, notes))

    def _settle(self, hosts: Iterable[str], status: str, message: str) -> None:
        found = {name: HostResult(status, message=message) for name in hosts}
        self._say("".join(f"{name}: {message}\n" for name in found))
        self._report(found)

    def _report(self, found: dict[str, HostResult]) -> None:
        self._results |= found
        if found:
            self.news.put(News(b"", found))
