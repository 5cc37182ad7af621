"""Queries of a job's log: page by page, by search, or whole."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from automation.models import Job, JobLog
from automation.states.job import ENDED
from templates_engine.store.programs import load
from tickets.queries.hidden import runs_with

LOG_PAGE = 64_000
MATCHES_MAX = 200
PIECES_AT_ONCE = 8


def read_log(job: Job, offset: int, hidden: Collection[str] = ()) -> dict[str, Any]:
    """{text, next_offset, size, done} from this character offset on, about LOG_PAGE at once. size: characters so far.

    hidden: the form fields that the reader may not see; if the run uses their values, a note replaces the log.
    """
    if _is_hidden(job, hidden):
        text = _withheld()
        end, is_over = max(offset, len(text)), job.state in ENDED
        return {"text": text[offset:], "next_offset": end, "size": len(text), "done": is_over}
    text, next_offset = "", offset
    for start, piece in _pieces(job, offset):
        text += piece[max(offset - start, 0) :]
        next_offset = start + len(piece)
        if len(text) >= LOG_PAGE:
            break
    done = job.state in ENDED and next_offset >= job.log_size
    return {"text": text, "next_offset": next_offset, "size": max(job.log_size, next_offset), "done": done}


def search_log(job: Job, words: str, hidden: Collection[str] = ()) -> dict[str, Any]:
    """{matches: [{offset, line}], more}: the lines that contain this text, ignoring case, oldest first.

    offset: where the line begins, in characters. more: whether there are more than MATCHES_MAX.
    """
    sought, found = words.casefold(), list[dict[str, object]]()
    for start, line in () if _is_hidden(job, hidden) else _lines(job):
        if sought in line.casefold():
            if len(found) == MATCHES_MAX:
                return {"matches": found, "more": True}
            found.append({"offset": start, "line": line})
    return {"matches": found, "more": False}


def whole_log(job: Job, hidden: Collection[str] = ()) -> Iterator[str]:
    """The whole log, piece by piece; only a note if it is hidden from the reader."""
    if _is_hidden(job, hidden):
        yield _withheld()
        return
    for _start, piece in _pieces(job, 0):
        yield piece


def _is_hidden(job: Job, hidden: Collection[str]) -> bool:
    return runs_with(load(job.ticket.template_version_id).node(job.node), hidden)


def _withheld() -> str:
    return _("Not shown: the output of this run may contain values that are hidden from you.")


def _pieces(job: Job, offset: int) -> Iterator[tuple[int, str]]:
    """Start and text of each piece that ends after this offset; few per query, so that no cursor stays open."""
    while True:
        behind = JobLog.objects.annotate(end=F("start") + F("size")).filter(job=job.pk, end__gt=offset)
        found = list(behind.order_by("start").values_list("start", "text")[:PIECES_AT_ONCE])
        yield from found
        if len(found) < PIECES_AT_ONCE:
            return
        start, text = found[-1]
        offset = start + len(text)


def _lines(job: Job) -> Iterator[tuple[int, str]]:
    """Start offset and text of each line."""
    begins, rest = 0, ""
    for _start, piece in _pieces(job, 0):
        *lines, rest = (rest + piece).split("\n")
        for line in lines:
            yield begins, line
            begins += len(line) + 1
    if rest:
        yield begins, rest
