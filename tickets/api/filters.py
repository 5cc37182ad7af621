"""Filters of ticket lists; no other query parameter is used (A38)."""

from typing import Any

from common.asking import choice, end, flag, moment
from tickets.models.ticket import Priority
from tickets.states import TicketState


def list_filters(query: Any) -> dict[str, Any]:
    """The filters of a query, without empty ones. Raises ValidationError."""
    filters = {
        "state": choice(query, "state", TicketState.values),
        "priority": choice(query, "priority", Priority.values),
        "template": query.get("template"),
        "applicant": query.get("applicant"),
        "q": query.get("q", "").strip()[:100],
        "created_from": moment(query, "created_from"),
        "created_to": end(query, "created_to"),
        "stuck": flag(query, "stuck"),
    }
    return {key: value for key, value in filters.items() if value}
