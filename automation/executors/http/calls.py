"""One request and its result: sent once, or again under the same key where that is safe (I14, F28)."""

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from django.conf import settings

from automation.executors.base import HostResult, Order, Refused
from automation.executors.http.building import Prepared, headers
from automation.executors.http.section import origin
from automation.models.job import HostStatus
from common.egress.allowed_hosts import Refused as NotAllowed
from common.egress.allowed_hosts import find, read
from common.egress.client import Answer, NotSent, exchange

SETTING = "BATON_HTTP_HOSTS"
ANSWER_MAX, SAID_MAX, OUTPUT_MAX = 1 << 20, 300, 10_000
TRIES, PAUSE_S, EVERY_S, LOST_POLLS = 3, 1.0, 2.0, 30
CANCEL_POLLS, CANCEL_PAUSE_S = 5, 0.5
LOST = frozenset({408, 502, 504})  # a gateway gave up: it may or may not have been done
NOTHING_SENT = "Could not be reached; nothing was sent."
NO_ANSWER = "The answer was lost, and nobody says whether it was done. Look there before you run it again."


@dataclass
class Call:
    """One request of an order, from sending it to its end.

    say: takes lines for the log. wait: sleeps so many seconds; False if a stop was requested meanwhile.
    """

    order: Order
    prepared: Prepared
    say: Callable[[str], None]
    wait: Callable[[float], bool]
    outputs: dict[str, Any] = field(default_factory=dict)
    status_url: str = ""

    def run(self) -> HostResult:
        """Send the request and follow it to its end."""
        answer = self._send()
        if isinstance(answer, HostResult):
            return answer
        return self._follow(answer)

    def look_up(self) -> HostResult | None:
        """The result of a request with this key; None if the other system does not know it or cannot answer."""
        how = self.order.action.run.get("look_up")
        if how is None:
            return None
        mark = "&" if urlsplit(how["url"]).query else "?"
        url = f"{how['url']}{mark}{urlencode({how['query']: self.prepared.key})}"
        try:
            answer = self._exchange("GET", url)
        except (OSError, http.client.HTTPException):
            return None
        self.say(f"asked by its key: {answer.status}")
        return self._follow(answer) if 200 <= answer.status < 300 else None

    def cancel(self) -> HostResult | None:
        """Ask the other system to cancel it; return the result, None if it is unknown or cannot be cancelled."""
        run = self.order.action.run
        if "cancel" not in run or not self.status_url:
            return None
        try:
            answer = self._exchange(run["cancel"]["method"], self.status_url + run["cancel"].get("suffix", ""))
        except (OSError, http.client.HTTPException):
            return None
        self.say(f"cancel: {answer.status}")
        for _poll in range(CANCEL_POLLS):
            document = self._state()
            state = at(document, run["poll"]["state"])
            if state in run["poll"]["done"]:
                return self._done(document)
            if state in run["poll"]["failed"]:
                return HostResult(HostStatus.CANCELLED, message=f"Ended there as {state}.")
            time.sleep(CANCEL_PAUSE_S)
        return None

    def _send(self) -> Answer | HostResult:
        """The answer, or a result if there is no answer."""
        once = self.prepared
        may_repeat = once.method == "GET" or self.order.action.run.get("idempotent", False)
        was_sent = False
        for attempt in range(TRIES):
            if attempt and not self.wait(PAUSE_S * 2**attempt):
                break
            try:
                answer = self._exchange(once.method, once.url, once.body, once.headers)
            except NotSent as error:
                self.say(f"{once.method} {_shown(once.url)}: not reached ({error})")
                continue
            except (OSError, http.client.HTTPException) as error:
                was_sent = True
                self.say(f"{once.method} {_shown(once.url)}: no answer ({type(error).__name__})")
            else:
                self.say(f"{once.method} {_shown(once.url)}: {answer.status}")
                if answer.status not in LOST and not (answer.status in {429, 503} and may_repeat):
                    return answer
                was_sent = was_sent or answer.status in LOST
            if not may_repeat:
                break
        if not was_sent:
            return HostResult(HostStatus.UNREACHABLE, message=NOTHING_SENT)
        return self.look_up() or HostResult(HostStatus.UNKNOWN, message=NO_ANSWER)

    def _follow(self, answer: Answer) -> HostResult:
        """Follow the work from the first answer to its end."""
        if not 200 <= answer.status < 300:
            what = "redirects are not followed" if 300 <= answer.status < 400 else _said(answer)
            return HostResult(HostStatus.FAILED, message=f"Answered {answer.status}: {what}")
        poll = self.order.action.run.get("poll")
        document = _document(answer)
        if poll is None:
            return self._done(document)
        self.status_url = self._status_url(document, poll["url"])
        if not self.status_url:
            text = f"{poll['url']} of the answer is no address on the same host. It was taken; nobody can follow it."
            return HostResult(HostStatus.UNKNOWN, message=text)
        return self._poll(poll, document)

    def _poll(self, poll: dict[str, Any], document: Any) -> HostResult:
        lost = 0
        while True:
            state = at(document, poll["state"])
            if state in poll["done"]:
                return self._done(document)
            if state in poll["failed"]:
                said = at(document, poll["message"]) if "message" in poll else ""
                return HostResult(HostStatus.FAILED, message=f"Ended as {state}. {said or ''}".strip())
            if state is not None and state not in poll.get("running", [state]):
                return HostResult(HostStatus.UNKNOWN, message=f"{state!r} is no state that the action knows.")
            lost = lost + 1 if state is None else 0
            if lost > LOST_POLLS or not self.wait(poll.get("every_s", EVERY_S)):
                return HostResult(HostStatus.UNKNOWN, message="It was taken, and its end is not known.")
            document = self._state()

    def _state(self) -> Any:
        """The current status document; None without a usable answer. Asking changes nothing, so it may fail."""
        try:
            answer = self._exchange("GET", self.status_url)
        except (OSError, http.client.HTTPException):
            return None
        if not 200 <= answer.status < 300:
            self.say(f"GET {_shown(self.status_url)}: {answer.status}")
            return None
        return _document(answer)

    def _done(self, document: Any) -> HostResult:
        section = self.order.action.run
        for name, where in section.get("outputs", {}).items():
            value = at(document, where)
            if value is not None and len(str(value)) <= OUTPUT_MAX:
                self.outputs[name] = value
        if self.order.action.is_read_only or ("changed" in section and at(document, section["changed"]) is False):
            return HostResult(HostStatus.OK)
        return HostResult(HostStatus.CHANGED, changed=True)

    def _status_url(self, document: Any, where: str) -> str:
        """The URL of the status, from the answer; "" if it is not a text, or points to another host (A40)."""
        found = at(document, where)
        if not isinstance(found, str) or len(found) > 2000:
            return ""
        url = urljoin(self.prepared.url, found)
        try:
            return url if origin(url) == origin(self.prepared.url) else ""
        except NotAllowed:
            return ""

    def _exchange(self, method: str, url: str, body: bytes = b"", said: Any = None) -> Answer:
        try:
            place, target = find(read(settings.HTTP_HOSTS), url, SETTING)
            return exchange(place, method, target, body, said or headers(self.order), most=ANSWER_MAX)
        except NotAllowed as error:
            raise NotSent(str(error)) from error


def require_allowed(url: str) -> None:
    """Raises Refused if the settings do not allow this host."""
    try:
        find(read(settings.HTTP_HOSTS), url, SETTING)
    except NotAllowed as error:
        raise Refused(str(error)) from error


def at(document: Any, where: str) -> Any:
    """The plain value at this place of a JSON document; None if there is none."""
    for name in where.split("."):
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, (str, int, float, bool)) else None


def _document(answer: Answer) -> Any:
    try:
        return json.loads(answer.body or b"null")
    except (ValueError, RecursionError):
        return None


def _said(answer: Answer) -> str:
    return " ".join(answer.body[: SAID_MAX * 4].decode("utf-8", "replace").split())[:SAID_MAX]


def _shown(url: str) -> str:
    return url.partition("?")[0]
