"""Collect the output of a dry run: untrusted bytes in; clean, limited, canonical data out (A28, A35, I24)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop

from automation.dry_runs.summary_words import summary, words
from automation.executors.base import Diff, HostResult, News
from automation.executors.log_text import Cleaner
from templates_engine.text import Text
from tickets.trail.digests import digest

DIFF_MAX, HOST_MAX, ALL_MAX = 60_000, 300_000, 6_000_000  # characters of one diff, of one host, of all
ITEMS_MAX, STEPS_MAX, NAME_MAX = 200, 100, 500
CUT = "… cut here: this is longer than what is kept.\n"
HIDDEN = gettext_noop("Not shown: this may hold secrets.")
BROKEN = gettext_noop("The dry run ended before it came to a result.")
GAVE_UP = gettext_noop("It was tried three times, and its executor died each time.")
_SECRET_PLACE = re.compile(
    r"(^|/)(shadow|gshadow|id_(rsa|dsa|ecdsa|ed25519)|\.pgpass|\.my\.cnf|\.netrc|credentials?|secrets?(\.\w+)?)-?$"
    r"|\.(key|pem|p12|pfx|jks|keytab|vault)$"
)
# The header of a diff also names a temporary path of the executor, which differs in each run: it is removed.
_HEAD = re.compile(r"\A(--- [^:\n]*)(?::[^\n]*)?\n(\+\+\+ [^:\n]*)(?::[^\n]*)?\n")
_SECRET_TEXT = re.compile(r"\$ANSIBLE_VAULT;|-----BEGIN [A-Z ]*PRIVATE KEY-----")


@dataclass
class Gathered:
    """The results so far. names: the hosts of the plan; other hosts are ignored. secrets: texts to mask."""

    names: Iterable[str]
    secrets: Iterable[str]
    hosts: dict[str, HostResult] = field(default_factory=dict)
    items: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    steps: dict[str, list[str]] = field(default_factory=dict)
    _size: int = 0
    _sizes: dict[str, int] = field(default_factory=dict)

    def take(self, news: News) -> dict[str, HostResult]:
        """Keep the new results; return them cleaned."""
        fresh = {name: self._clean_result(result) for name, result in news.hosts.items() if name in self.names}
        self.hosts |= fresh
        for diff in news.diffs:
            if diff.host in self.names:
                self._keep(diff)
        for host, step in news.unforeseen:
            told = self.steps.setdefault(host, [])
            text = self._line(step)
            if host in self.names and len(told) < STEPS_MAX and text not in told:
                told.append(text)
        return fresh

    def canonical(self, hosts: Mapping[str, HostResult]) -> list[dict[str, Any]]:
        """The result host by host, in the plan's order: this is stored, shown and hashed."""
        return [
            {
                "name": name,
                "status": result.status,
                "changed": result.changed,
                "message": result.message,
                "items": sorted(self.items.get(name, []), key=lambda item: (item["path"], item["diff"])),
                "unforeseen": sorted(self.steps.get(name, [])),
            }
            for name, result in hosts.items()
        ]

    def _keep(self, diff: Diff) -> None:
        items = self.items.setdefault(diff.host, [])
        if len(items) >= ITEMS_MAX:
            return
        path = self._line(diff.path)
        room = min(DIFF_MAX, HOST_MAX - self._sizes.get(diff.host, 0), ALL_MAX - self._size)
        raw = _HEAD.sub(r"\1\n\2\n", diff.text[: DIFF_MAX * 2], count=1)
        text = HIDDEN if holds_secrets(path, diff.text) else self._text(raw)
        if len(text) > room:
            text = text[: max(room, 0)].rsplit("\n", 1)[0] + "\n" + CUT
        self._size += len(text)
        self._sizes[diff.host] = self._sizes.get(diff.host, 0) + len(text)
        items.append({"path": path, "diff": text})

    def _clean_result(self, result: HostResult) -> HostResult:
        return HostResult(result.status, bool(result.changed), self._text(result.message[:4000]).strip()[:1000])

    def _text(self, text: str) -> str:
        cleaner = Cleaner(self.secrets)
        cleaned = cleaner.feed(text.encode("utf-8", "replace")) + cleaner.finish()
        return cleaned if text.endswith("\n") else cleaned.removesuffix("\n")

    def _line(self, text: str) -> str:
        line = " ".join(self._text(text[: NAME_MAX * 4]).split())
        return line if len(line) <= NAME_MAX else line[:NAME_MAX] + "…"


def holds_secrets(path: str, text: str) -> bool:
    """Whether a change of this place is hidden completely: keys, password files, vault contents."""
    return _SECRET_PLACE.search(path.lower()) is not None or _SECRET_TEXT.search(text) is not None


@dataclass(frozen=True)
class Result:
    """The result of a dry run. hosts: see Gathered.canonical."""

    is_good: bool
    hosts: list[dict[str, Any]]
    summary: dict[str, int]
    words: Text
    digest: str
    message: str


def result_of(gathered: Gathered, hosts: Mapping[str, HostResult], *, is_good: bool, message: str = "") -> Result:
    """Summarise and hash the results. The digest covers everything except the hosts' messages."""
    rows = gathered.canonical(hosts)
    unforeseen = [(row["name"], step) for row in rows for step in row["unforeseen"]]
    counts = summary(hosts, unforeseen)
    told = words(counts, ((item["path"], item["diff"]) for row in rows for item in row["items"]))
    hashed = [{key: value for key, value in row.items() if key != "message"} for row in rows]
    return Result(is_good, rows, counts, told, digest({"hosts": hashed, "is_good": is_good}), message or _why(rows))


def _why(rows: list[dict[str, Any]]) -> str:
    """The first failure message of a host."""
    return next((f"{row['name']}: {row['message']}" for row in rows if row["message"]), "")
