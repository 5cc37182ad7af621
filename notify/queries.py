"""Queries for notifications and deliveries. People see only their own notifications (I23)."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from common.paging import Page
from notify.acts.table import notice_of
from notify.models import Delivery
from notify.models.delivery import IN_APP
from notify.texts.act_texts import act_url
from notify.texts.delivery_texts import heading_of, number_of
from notify.texts.messages import news_text, ticket_url


def notifications(user: User, page: Page, *, unread: bool = False) -> dict[str, Any]:
    """This person's notifications, newest first, in the active language."""
    rows = Delivery.objects.filter(recipient=user, kind=IN_APP).order_by("-pk")
    rows = rows.select_related("recipient", "act__actor", "event__actor", "event__on_behalf_of", "event__ticket")
    if unread:
        rows = rows.filter(read_at__isnull=True)
    found = list(_after(rows, page)[: page.limit + 1])
    answer = page.answer(found, key=lambda row: row.pk)
    return {**answer, "results": [_news(row) for row in answer["results"]], "unread": unread_count(user)}


def unread_count(user: User) -> int:
    """The number of this person's unread notifications."""
    return Delivery.objects.filter(recipient=user, kind=IN_APP, read_at__isnull=True).count()


def _news(row: Delivery) -> dict[str, Any]:
    told = row.act or row.happened
    return {
        "id": row.pk,
        "at": told.at,
        "kind": told.kind,
        "number": number_of(row),
        "title": heading_of(row),
        "text": notice_of(row.act).text(row.act) if row.act else news_text(row.happened, row.person),
        "actor": told.actor.username if told.actor else None,
        "url": act_url(row.act, row.person) if row.act else ticket_url(row.happened.ticket),
        "read_at": row.read_at,
    }


def deliveries(user: User, page: Page, *, state: str = "", kind: str = "") -> dict[str, Any]:
    """Deliveries to this person; for an administrator all, also those to machines. Newest first."""
    rows = Delivery.objects.order_by("-pk").select_related("recipient", "act", "event__ticket")
    if not user.is_admin:
        rows = rows.filter(recipient=user)
    if state:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    found = list(_after(rows, page)[: page.limit + 1])
    answer = page.answer(found, key=lambda row: row.pk)
    return {**answer, "results": [delivery_output(row) for row in answer["results"]]}


def delivery_output(row: Delivery) -> dict[str, Any]:
    """One delivery as the API shows it. A URL is cut at its `?`, as the query may hold a token (I24)."""
    waits = row.state in ("queued", "failed")
    return {
        "id": row.pk,
        "kind": row.kind,
        "state": row.state,
        "recipient": row.recipient.username if row.recipient else None,
        "address": row.address.partition("?")[0],
        "event": (row.act or row.happened).kind,
        "number": number_of(row),
        "attempts": row.attempts,
        "created_at": row.created_at,
        "due_at": row.due_at if waits else None,
        "held_by": row.held_by or None if waits else None,
        "sent_at": row.sent_at,
        "last_error": row.last_error,
    }


def _after(rows: QuerySet[Delivery], page: Page) -> QuerySet[Delivery]:
    return rows.filter(pk__lt=page.after) if page.after is not None else rows
