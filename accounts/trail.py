"""The trail of administration: who changed what about who may act, when, from where (I7, I25).

One chain over all acts (config.chain), numbered from 1 without a gap. An act is recorded in the transaction that
does it, and handed to those who tell people afterwards, by its outbox row (I18).
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from django.db import connection, models

from accounts.models import AdminEvent, AdminOutbox, User
from config.chain import link_hash
from config.doorbell import ring

CHAIN = 0x4261746F6E01  # the advisory lock under which the next act is numbered
DISPATCH = "accounts.dispatch_trail"


class Kind(models.TextChoices):
    """What can have been done, with the keys of its `data`."""

    # of a proxy: principal, agent, starts_at, ends_at, templates, reason, revoked_at, as they are from now on;
    # before: {key: value} of what is different now
    PROXY_GRANTED = "proxy.granted"
    PROXY_CHANGED = "proxy.changed"
    PROXY_BEGAN = "proxy.began"  # the hour of one that was granted for later has come
    PROXY_ENDED = "proxy.ended"
    # of a person: username; has_left_wecom where `wecom sync` did it
    PERSON_DISABLED = "person.disabled"
    PERSON_ENABLED = "person.enabled"


class Origin(NamedTuple):
    """Through which channel somebody acts, and from which address ("" where it is unknown)."""

    channel: str
    address: str = ""


SYSTEM = Origin("system")


def body_of(act: AdminEvent) -> dict[str, Any]:
    """What an act's hash covers, beside the hash before it."""
    return {
        "seq": act.seq,
        "at": act.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": act.kind,
        "actor": act.actor_id,
        "channel": act.channel,
        "address": act.address,
        "about": act.about,
        "person": act.person_id,
        "data": act.data,
    }


def act_hash(act: AdminEvent, previous: str) -> str:
    """The hash of a new act, given the hash before it ("" for the first)."""
    return link_hash(body_of(act), previous)


def record(
    kind: str,
    *,
    actor: User | None,
    origin: Origin,
    at: datetime,
    about: str,
    person: User | None = None,
    data: dict[str, Any],
) -> AdminEvent:
    """Write down the next act, within the transaction that does it; the trail stays locked until that ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN])
    last = AdminEvent.objects.order_by("-seq").first()
    act = AdminEvent(
        seq=last.seq + 1 if last else 1,
        at=at,
        kind=str(kind),
        actor=actor,
        channel=origin.channel,
        address=origin.address,
        about=about,
        person=person,
        data=orjson.loads(orjson.dumps(data, default=str)),
    )
    act.hash = act_hash(act, last.hash if last else "")
    act.save(force_insert=True)
    AdminOutbox.objects.create(event=act)
    ring(DISPATCH)
    return act
