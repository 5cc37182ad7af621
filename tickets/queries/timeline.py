"""What happened to a ticket, oldest first."""

from typing import Any

from config.paging import Page
from tickets.models import Event, Ticket


def timeline(ticket: Ticket, page: Page) -> dict[str, Any]:
    """{results: [{seq, at, kind, actor, on_behalf_of, data, hash}], next, people}. One statement."""
    rows = Event.objects.filter(ticket=ticket).select_related("actor", "on_behalf_of").order_by("seq")
    if page.after is not None:
        rows = rows.filter(seq__gt=page.after)
    events = list(rows[: page.limit + 1])
    answer = page.answer(events, lambda event: event.seq)
    shown = answer["results"]
    people = {user.username: {"name": user.name} for e in shown for user in (e.actor, e.on_behalf_of) if user}
    return answer | {"results": [_row(event) for event in shown], "people": people}


def _row(event: Event) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "at": event.at,
        "kind": event.kind,
        "actor": event.actor.username if event.actor else None,
        "on_behalf_of": event.on_behalf_of.username if event.on_behalf_of else None,
        "data": event.data,
        "hash": event.hash,
    }
