"""The administration trail: who changed what about rights to act, when and from where (I07, I25).

One chain over all acts (common.chain), numbered from 1 without a gap. An act is recorded in the transaction that
does it; its outbox row hands it to subscribers afterwards (I18).
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from django.db import connection, models
from django.db.models import OuterRef, Subquery

from accounts.models import AdminEvent, AdminOutbox, User
from common.chain import is_linked, link_hash
from common.doorbell import ring

CHAIN = 0x4261746F6E01  # the advisory lock under which the next act is numbered
DISPATCH = "accounts.dispatch_trail"


class Kind(models.TextChoices):
    """All kinds of acts, with the keys of their `data`."""

    # proxy: principal, agent, starts_at, ends_at, templates, reason, revoked_at: the new values;
    # before: {key: value}, the old values of what changed
    PROXY_GRANTED = "proxy.granted"
    PROXY_CHANGED = "proxy.changed"
    PROXY_BEGAN = "proxy.began"  # a proxy granted for later has begun
    PROXY_ENDED = "proxy.ended"
    # person: username; has_left_wecom if `wecom sync` did it
    PERSON_DISABLED = "person.disabled"
    PERSON_ENABLED = "person.enabled"
    # credential: name, kind, description, shown, vault, key, changed, and the digest of its row; never a secret
    CREDENTIAL_ADDED = "credential.added"
    CREDENTIAL_CHANGED = "credential.changed"
    CREDENTIAL_REMOVED = "credential.removed"
    # version of an action: key, version, note; for a release also replaces (the version used before, null for
    # none), source, commit
    ACTION_RELEASED = "action.released"
    ACTION_WITHDRAWN = "action.withdrawn"
    ACTION_RECALLED = "action.recalled"
    ACTIONS_FOUND = "actions.found"  # source, commit, versions: [{key, version}] that are new and not released yet
    # template: key, version, note; published also replaces (the version used before, null for none), scheduled due_at,
    # not_published (refused when its time had come) code
    TEMPLATE_PUBLISHED = "template.published"
    TEMPLATE_RETIRED = "template.retired"
    TEMPLATE_SCHEDULED = "template.scheduled"
    TEMPLATE_UNSCHEDULED = "template.unscheduled"
    TEMPLATE_NOT_PUBLISHED = "template.not_published"
    # host: name, and the new values of its columns; before: {column: value}, the old values of what changed
    HOST_ADDED = "host.added"
    HOST_CHANGED = "host.changed"
    HOST_REMOVED = "host.removed"
    # many hosts: source, format, created, updated (names), taken: how many hosts stayed as they were
    HOSTS_IMPORTED = "hosts.imported"
    HOSTS_EXPORTED = "hosts.exported"  # format, filters, hosts: how many
    # group of hosts: name, description, usable_by: the new values; before
    HOST_GROUP_ADDED = "host_group.added"
    HOST_GROUP_CHANGED = "host_group.changed"
    HOST_GROUP_REMOVED = "host_group.removed"
    # inventory source: name, kind, path, ...: the new values; before
    SOURCE_ADDED = "inventory_source.added"
    SOURCE_CHANGED = "inventory_source.changed"
    SOURCE_REMOVED = "inventory_source.removed"
    # rule for alarms: pattern, group, template, applicant, form, tell, is_active: the new values; before
    SHELL_WORD_ADDED = "shell_word.added"
    SHELL_WORD_CHANGED = "shell_word.changed"
    SHELL_WORD_REMOVED = "shell_word.removed"
    # alarm: word, pattern, host, user, source, at; ticket, applicant: the ticket that was opened and in whose name;
    # problem, detail: why there is no ticket; told: usernames. Never the line itself: it may contain a secret
    SHELL_ALARM = "shell.alarm"


class Origin(NamedTuple):
    """The channel of an act, and the client's address ("" if unknown)."""

    channel: str
    address: str = ""


SYSTEM = Origin("system")


def body_of(act: AdminEvent) -> dict[str, Any]:
    """What an act's hash covers, besides the previous hash."""
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
    """The hash of a new act, given the previous hash ("" for the first)."""
    return link_hash(body_of(act), previous)


def newest(about: str) -> AdminEvent | None:
    """The newest act about this, to compare a row with; None if there is none or it is not authentic (A32)."""
    before = AdminEvent.objects.filter(seq=OuterRef("seq") - 1).values("hash")
    acts = AdminEvent.objects.filter(about=about).order_by("-seq")
    act: Any = acts.annotate(previous=Subquery(before)).first()
    if act is None:
        return None
    previous = act.previous if act.seq > 1 else ""
    return act if previous is not None and is_linked(body_of(act), previous, act.hash) else None


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
    """Record the next act, in the transaction that does it; the trail stays locked until that ends."""
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
