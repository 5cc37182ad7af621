"""The events of a ticket, oldest first."""

from collections.abc import Collection
from typing import Any

from accounts.models import User
from common.paging import Page
from tickets.models import Event, Ticket
from tickets.queries.hidden import shown_event
from tickets.queries.visible import titles_open_to


def timeline(ticket: Ticket, page: Page, reader: User, hidden: frozenset[str]) -> dict[str, Any]:
    """{results: [{seq, at, kind, actor, on_behalf_of, data, hash}], next, people}.

    hidden: the fields hidden from this reader. Two statements, one more if sub-tickets are named.
    """
    rows = Event.objects.filter(ticket=ticket).select_related("actor", "on_behalf_of").order_by("seq")
    if page.after is not None:
        rows = rows.filter(seq__gt=page.after)
    events = list(rows[: page.limit + 1])
    answer = page.answer(events, lambda event: event.seq)
    shown = answer["results"]
    entitled = titles_open_to(reader, [child["number"] for event in shown for child in event.data.get("children", ())])
    return answer | {"results": [_row(event, hidden, entitled) for event in shown], "people": _people(shown)}


def _people(events: list[Event]) -> dict[str, dict[str, str]]:
    """Username → {name} of everybody named in these events."""
    known = {user.username: user.name for e in events for user in (e.actor, e.on_behalf_of) if user}
    named = {name for event in events for name in _named(event.data)}
    missing = User.objects.filter(username__in=named - known.keys()).values_list("username", "name")
    return {username: {"name": name} for username, name in (*known.items(), *missing)}


def _named(data: dict[str, Any]) -> list[str]:
    """The usernames in an event's data."""
    assignees = [entry["username"] if isinstance(entry, dict) else entry for entry in data.get("assignees", [])]
    makers = data.get("proxy", {}).get("made_by", [])
    return [*data.get("users", []), *data.get("from", []), *assignees, *makers]


def _row(event: Event, hidden: frozenset[str], titled: Collection[str]) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "at": event.at,
        "kind": event.kind,
        "actor": event.actor.username if event.actor else None,
        "on_behalf_of": event.on_behalf_of.username if event.on_behalf_of else None,
        "data": shown_event(event.data, hidden, titled),
        "hash": event.hash,
    }
