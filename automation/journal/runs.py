"""Decide by the journal what may begin: each release once, whatever the database says (I14, F13).

A release is the event that lets a run begin: an approval, or a rerun that a person asked for. The line is on the disk
before anything runs and before the database commits, so after a crash in between the job is `unknown`.
"""

from dataclasses import dataclass
from typing import Any

from automation.journal import marks
from automation.journal.book import Book, Line, book
from automation.states import Outcome
from tickets.engine.release import Approved, ExecutionRefused


class BegunBefore(ExecutionRefused):
    """The journal has a run that the database lacks. outcome: what is known of the job; entries: its lines."""

    def __init__(self, detail: str, outcome: str, entries: list[int]) -> None:
        super().__init__(detail)
        self.outcome, self.entries = outcome, entries


@dataclass(frozen=True)
class Entry:
    """The place of a run in the journal, and its identity."""

    journal: str
    seq: int
    number: str
    node: str
    round: int
    release: str

    def facts(self) -> dict[str, Any]:
        """The fields that every line about this run holds."""
        return {"number": self.number, "node": self.node, "round": self.round, "release": self.release}


def begin(approved: Approved, *, job: int, attempt: int) -> Entry:
    """Record that this release begins now. Raises BegunBefore, or JournalUnusable: then nothing may run at all."""
    run: dict[str, Any] = {
        "number": approved.number, "node": approved.node, "round": approved.round, "release": approved.release
    }  # fmt: skip
    with book().held(create=marks.may_create()) as held:
        marks.require_whole(held)
        history = History(held.lines.get((approved.number, approved.node, approved.round), []))
        objection = history.objection(approved)
        if objection is not None:
            if approved.release not in history.refused:
                missing = sorted(history.begun.keys() - {*approved.earlier, approved.release})
                held.append(do="refuse", job=job, missing=missing, **run)
            raise objection
        line = held.append(do="begin", job=job, attempt=attempt, plan=approved.plan["digest"], **run)
        return Entry(held.id, line["seq"], **run)


def end(entry: Entry, outcome: str) -> None:
    """Record the run's result. Raises JournalUnusable."""
    _note(entry, do="end", outcome=str(outcome))


def void(entry: Entry) -> None:
    """Record that nothing was started under this entry, because the database failed. Raises JournalUnusable."""
    _note(entry, do="void")


def _note(entry: Entry, **said: Any) -> None:
    with book().held(create=False) as held:
        held.append(begin=entry.seq, **entry.facts(), **said)


class History:
    """The journal's lines about one visit. begun: release → its line; ended, refused: releases.

    told: releases missing from the trail that an earlier refusal has already reported.
    """

    def __init__(self, lines: list[Line]) -> None:
        void = {line["begin"] for line in lines if line["do"] == "void"}
        self.begun = {line["release"]: line for line in lines if line["do"] == "begin" and line["seq"] not in void}
        self.ended = {line["release"] for line in lines if line["do"] == "end"}
        self.refused = {line["release"] for line in lines if line["do"] == "refuse"}
        self.told = {release for line in lines if line["do"] == "refuse" for release in line["missing"]}

    def objection(self, approved: Approved) -> BegunBefore | None:
        """Why this release must not begin, or None. A person's rerun after a refusal may begin: they were told."""
        if approved.release in self.begun:
            return self._known([approved.release])
        if approved.release in self.refused:
            return BegunBefore("refused_before: the executor has refused this very release", Outcome.REFUSED, [])
        missing = self.begun.keys() - set(approved.earlier)
        unexplained = missing - self.told if approved.is_rerun else missing
        return self._known(sorted(unexplained)) if unexplained else None

    def _known(self, releases: list[str]) -> BegunBefore:
        lines = [self.begun[release] for release in releases]
        outcome = Outcome.REFUSED if self.ended.issuperset(releases) else Outcome.UNKNOWN
        when = ", ".join(f"job {line['job']} at {line['at'][:19]}Z" for line in lines)
        what = "and ended" if outcome == Outcome.REFUSED else "and nobody wrote down its end"
        return BegunBefore(
            f"begun_before: by the executor's journal this has begun ({when}) {what}",
            outcome,
            [line["seq"] for line in lines],
        )


def live(held: Book) -> list[Line]:
    """Every `begin` that is not void, oldest first."""
    found = [line for lines in held.lines.values() for line in History(lines).begun.values()]
    return sorted(found, key=lambda line: line["seq"])
