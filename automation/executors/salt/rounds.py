"""Follow one job id to its end: events are hints, the master's record decides, silent minions are asked."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from automation.executors.salt.api_connection import SaltApiError
from automation.executors.salt.client import Answer, Salt
from automation.executors.salt.stream import Stream

TICK_S = 0.3
LOOK_UP_S, SOON_S = 20.0, 3.0  # read the record after: no event; an event, or no stream
PROBE_S = 10.0
SILENT_S = 60.0  # a minion that is silent for so long, and was not seen to end, is unknown
WRITE_S = 5.0  # an event may arrive before its record is written
AGAIN_S = 3.0


@dataclass
class EventListener:
    """The event stream, read in a thread of its own and reopened if it breaks. Events only trigger a look-up."""

    salt: Salt
    jids: set[str] = field(default_factory=set)
    events: "queue.SimpleQueue[tuple[str, dict]]" = field(default_factory=queue.SimpleQueue)
    is_open: bool = False
    _stream: Stream | None = None
    _is_over: threading.Event = field(default_factory=threading.Event)
    _opened: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        """Start, and wait a moment until the stream is open, so that events of later jobs are received."""
        threading.Thread(target=self._run, name="salt-events", daemon=True).start()
        self._opened.wait(AGAIN_S)

    def close(self) -> None:
        """Stop listening."""
        self._is_over.set()
        if self._stream is not None:
            self._stream.close()

    def _run(self) -> None:
        while not self._is_over.is_set():
            try:
                self._stream = self.salt.events()
            except SaltApiError:
                self._opened.set()
                self._is_over.wait(AGAIN_S)
                continue
            if self._is_over.is_set():  # closed while it was being opened
                self._stream.close()
                return
            self.is_open = True
            self._opened.set()
            try:
                for event in self._stream.read(self.jids):
                    self.events.put(event)
            finally:
                self.is_open = False
                self._stream.close()
            self._is_over.wait(TICK_S)  # do not reopen a stream in a tight loop if it breaks at once


@dataclass
class Round:
    """The minions of one job id that have not answered, and the answers of the others."""

    salt: Salt
    listener: EventListener
    jid: str
    label: str
    pending: set[str]
    is_stopped: threading.Event
    on_event: Callable[[str, Answer], None]
    on_progress: Callable[[str, dict], None]
    on_answer: Callable[[str, Answer], None]
    answers: dict[str, Answer] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    sent_test: bool = False
    seen_test: dict[str, bool] = field(default_factory=dict)
    _with_event: set[str] = field(default_factory=set)

    def follow(self) -> None:
        """Follow the job until every minion has answered or is lost, or the run is to stop."""
        began = looked = probed = time.monotonic()
        last_word = dict.fromkeys(self.pending, began)
        idle: dict[str, int] = {}
        while self.pending and not self.is_stopped.is_set():
            self._drain()
            now = time.monotonic()
            if self._has_all_events() or now - looked > self._patience():
                self._look_up()
                looked = time.monotonic()
            if self.pending and now - probed > PROBE_S:
                self._probe(last_word, idle)
                probed = time.monotonic()

    def _drain(self) -> None:
        """Handle the events of the stream; wait a moment for the first one."""
        wait_s = TICK_S
        while True:
            try:
                tag, data = self.listener.events.get(timeout=wait_s)
            except queue.Empty:
                return
            wait_s = 0.001
            parts = tag.split("/")
            if parts[2] != self.jid:
                continue
            if parts[3] == "ret" and data.get("id") in self.pending and data.get("jid") == self.jid:
                self._returned(data)
            elif parts[3] == "prog":
                self.on_progress(parts[4] if len(parts) > 4 else "", data)

    def _returned(self, data: dict) -> None:
        minion = data["id"]
        if minion not in self._with_event:
            self._with_event.add(minion)
            self.seen_test[minion] = says_test(data.get("fun_args"))
            self.on_event(minion, Answer(data.get("return"), data.get("retcode"), data.get("success")))

    def _has_all_events(self) -> bool:
        """Whether an event has arrived for every pending minion: then the record is read now."""
        return self.pending <= self._with_event

    def _patience(self) -> float:
        """How many seconds the record may stay unread."""
        return LOOK_UP_S if self.listener.is_open and not (self.pending & self._with_event) else SOON_S

    def has_event(self, minion: str) -> bool:
        """Whether this minion's answer also came over the stream."""
        return minion in self._with_event

    def was_test(self, minion: str) -> bool:
        """Whether it was a dry run: by the minion's event if there was one, otherwise by the master's record."""
        return self.seen_test.get(minion, self.sent_test)

    def _look_up(self) -> None:
        """Read the record; if it is behind the events, read it again for a short time."""
        deadline = time.monotonic() + WRITE_S
        while True:
            self.read_record()
            if not (self.pending & self._with_event) or time.monotonic() > deadline or self.is_stopped.is_set():
                break
            self.is_stopped.wait(TICK_S)
        self._with_event -= self.pending  # an event without a record proves nothing

    def read_record(self) -> None:
        """Take new answers from the master's record. If the master cannot be reached, try again later."""
        try:
            record = self.salt.record(self.jid, self.label)
        except SaltApiError:
            return
        if record is None:
            return
        self.sent_test = record.arguments.get("test") is True
        for minion in sorted(self.pending & set(record.answers)):
            self.answers[minion] = record.answers[minion]
            self.pending.discard(minion)
            self.on_answer(minion, record.answers[minion])

    def _probe(self, last_word: dict[str, float], idle: dict[str, int]) -> None:
        """Ask the pending minions. Idle twice without a record: the result is lost. A missing reply proves nothing."""
        asked = sorted(self.pending)
        try:
            running = self.salt.running(asked, self.jid)
        except SaltApiError:
            return
        now = time.monotonic()
        for minion in asked:
            if minion in running:
                last_word[minion] = now
                idle[minion] = 0 if running[minion] else idle.get(minion, 0) + 1
        self.read_record()
        silent = {name for name in self.pending if now - last_word[name] > SILENT_S}
        gone = {name for name in self.pending if idle.get(name, 0) >= 2}
        self.lost |= silent | gone
        self.pending -= silent | gone


def says_test(arguments: object) -> bool:
    """Whether a minion's own arguments show a dry run."""
    found = arguments if isinstance(arguments, list) else []
    return any(isinstance(part, dict) and part.get("test") is True for part in found)
