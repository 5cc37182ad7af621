"""Baton's requests to Salt: requests of a closed shape, and answers that are checked before use (A30, A34)."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from automation.executors.salt.api_connection import UNAUTHORISED, Account, SaltApiError, exchange
from automation.executors.salt.stream import Stream

ANSWER_S = 30.0
PROBE_S = 4
NAMED_MAX = 5
LOG_IN_S = 15.0


@dataclass(frozen=True)
class Request:
    """One function on exactly these minions, under a job id made by Baton. Salt ignores a misspelt key, so a dry run
    could become a real run. So only this class builds requests, and it puts `test` where Salt reads it."""

    fun: str
    minions: Sequence[str]
    jid: str
    kwarg: Mapping[str, Any] = field(default_factory=dict)
    is_test: bool = False
    label: str = ""

    def low(self) -> dict[str, Any]:
        """The request as salt-api takes it. Raises ValueError without minions: Salt would read that differently."""
        if not self.minions or not all(isinstance(name, str) and name for name in self.minions):
            raise ValueError("no minions")
        kwarg = {**self.kwarg, "test": True} if self.is_test else dict(self.kwarg)
        low = {"client": "local_async", "tgt_type": "list", "tgt": list(self.minions), "fun": self.fun, "jid": self.jid}
        return low | {"kwarg": kwarg, "metadata": {"baton": self.label}}


@dataclass(frozen=True)
class Answer:
    """What one minion returned."""

    value: Any
    retcode: Any
    success: Any


@dataclass(frozen=True)
class Record:
    """What the master keeps about one job id. arguments: the arguments it sent, by name."""

    fun: str
    label: str
    minions: tuple[str, ...]
    arguments: Mapping[str, Any]
    answers: Mapping[str, Answer]


class Salt:
    """One log-in, renewed when it expires. Every request may raise SaltApiError; several threads may share it."""

    def __init__(self, account: Account) -> None:
        self.account, self._token = account, ""
        self._renewing = threading.Lock()

    def log_in(self) -> None:
        """Get a new token; the old token is not sent, because salt-api would return it again."""
        given = self.account
        body = {"username": given.username, "password": given.password, "eauth": given.eauth}
        try:
            found = exchange(given, "/login", "", body, LOG_IN_S)
        except SaltApiError as error:
            if error.status != UNAUTHORISED:
                raise
            text = f"salt-api does not let {given.username} in by {given.eauth}: unknown, or another password (401)"
            raise SaltApiError(text, UNAUTHORISED, sent=False) from error
        token = found[0].get("token") if found and isinstance(found[0], dict) else None
        if not isinstance(token, str):
            raise SaltApiError("salt-api gave no token")
        self._token = token

    def publish(self, request: Request) -> list[str]:
        """Send the request; return those of its minions that the master knows."""
        found = self._ask(request.low())
        if found == {}:
            return []
        if not isinstance(found, dict) or found.get("jid") != request.jid or not isinstance(found.get("minions"), list):
            raise SaltApiError("salt-api did not take the job id")
        return [name for name in request.minions if name in found["minions"]]

    def record(self, jid: str, label: str) -> Record | None:
        """The master's record of this job; None if there is none, or if it is not Baton's."""
        found = self._ask({"client": "runner", "fun": "jobs.list_job", "kwarg": {"jid": jid}})
        if not isinstance(found, dict) or "Error" in found or not isinstance(found.get("Result"), dict):
            return None
        if not isinstance(found.get("Metadata"), dict) or found["Metadata"].get("baton") != label:
            return None
        answers = {
            name: Answer(kept.get("return"), kept.get("retcode"), kept.get("success"))
            for name, kept in found["Result"].items()
            if isinstance(kept, dict)
        }
        arguments = named(found.get("Arguments"))
        return Record(str(found.get("Function")), label, tuple(found.get("Minions") or ()), arguments, answers)

    def running(self, minions: Sequence[str], jid: str) -> dict[str, bool]:
        """Per minion that answers: whether it is running the job now."""
        found = self._local(minions, "saltutil.find_job", {"jid": jid})
        return {name: bool(value) for name, value in found.items() if isinstance(value, dict)}

    def kill(self, minions: Sequence[str], jid: str) -> dict[str, bool]:
        """Kill the job and its children at once: after a gentler signal, processes may stay out of reach. Per minion
        that answers: whether there was something to kill."""
        found = self._local(minions, "saltutil.kill_job", {"jid": jid})
        return {name: value.startswith("Signal 9 sent") for name, value in found.items() if isinstance(value, str)}

    def folders(self, minions: Sequence[str], path: str) -> dict[str, bool]:
        """Per minion that answers: whether this folder exists."""
        found = self._local(minions, "file.directory_exists", {"path": path})
        return {name: value for name, value in found.items() if isinstance(value, bool)}

    def grains(self, minions: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
        """The grains of these names per minion; for a minion that is down, Salt returns something else instead."""
        low = {"client": "local", "tgt_type": "list", "tgt": list(minions), "fun": "grains.item", "arg": list(names)}
        found = self._ask(low | {"timeout": PROBE_S, "gather_job_timeout": PROBE_S})
        return {name: found[name] for name in minions if name in found} if isinstance(found, dict) else {}

    def runner(self, fun: str, kwarg: Mapping[str, Any], timeout_s: float) -> Any:
        """Run one function of the master and return its full result."""
        low = {"client": "runner", "fun": fun, "kwarg": dict(kwarg), "full_return": True}
        return self._ask(low, timeout_s)

    def has_client(self, name: str) -> bool:
        """Whether salt-api accepts requests for this client; tested with a function that does not exist."""
        low = {"client": name, "tgt_type": "list", "tgt": ["baton-asks-nobody"], "fun": "baton.nothing"}
        try:
            self._ask(low)
        except SaltApiError as error:
            if not error.status:
                raise
            return "Client disabled" not in str(error)
        return True

    def _local(self, minions: Sequence[str], fun: str, kwarg: Mapping[str, Any]) -> dict[str, Any]:
        low = {"client": "local", "tgt_type": "list", "tgt": list(minions), "fun": fun, "kwarg": dict(kwarg)}
        found = self._ask(low | {"timeout": PROBE_S, "gather_job_timeout": PROBE_S})
        return {name: found[name] for name in minions if name in found} if isinstance(found, dict) else {}

    def _ask(self, low: dict[str, Any], timeout_s: float | None = None) -> Any:
        """Send one request. Returns the first item of salt-api's list, None for an empty list.

        401 may mean that the token has expired or that the request is not allowed; the text that tells them apart
        differs by Salt version. A new token tells them apart reliably, and a refused request has not been carried out.
        """
        token = self._token
        try:
            found = exchange(self.account, "/", token, [low], timeout_s or ANSWER_S)
        except SaltApiError as error:
            if error.status != UNAUTHORISED:
                raise
            self._renew(token)
            found = self._ask_with_a_new_token(low, timeout_s or ANSWER_S)
        return found[0] if found else None

    def _ask_with_a_new_token(self, low: dict[str, Any], timeout_s: float) -> list[Any]:
        try:
            return exchange(self.account, "/", self._token, [low], timeout_s)
        except SaltApiError as error:
            if error.status != UNAUTHORISED:
                raise
            raise SaltApiError(_not_allowed(self.account, low), UNAUTHORISED, sent=False) from error

    def _renew(self, old: str) -> None:
        """Log in again, unless another thread has. Raises SaltApiError with sent=False."""
        with self._renewing:
            if self._token != old:
                return
            try:
                self.log_in()
            except SaltApiError as error:
                text = f"Salt's log-in ran out and could not be renewed: {error}"
                raise SaltApiError(text, error.status, sent=False) from error

    def events(self) -> Stream:
        """The master's events from now on."""
        token = self._token
        try:
            return Stream(self.account, token)
        except SaltApiError as error:
            if error.status != UNAUTHORISED:
                raise
            self._renew(token)
            return Stream(self.account, self._token)


def _not_allowed(account: Account, low: Mapping[str, Any]) -> str:
    """The error text: what the master's external_auth does not allow this log-in to do."""
    minions = low.get("tgt", [])
    on = f" on {', '.join(minions[:NAMED_MAX])}{' …' if len(minions) > NAMED_MAX else ''}" if minions else ""
    text = f"Salt does not allow {account.username} to run {low['fun']}{on} (401): see external_auth of the master"
    return f"{text}; one minion outside its rules refuses the whole request" if len(minions) > 1 else text


def named(arguments: Any) -> dict[str, Any]:
    """The keyword arguments of a job, from Salt's record."""
    found = [part for part in arguments or [] if isinstance(part, dict) and part.get("__kwarg__")]
    return {key: value for part in found for key, value in part.items() if key != "__kwarg__"}
