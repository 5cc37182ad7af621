"""From administrative acts to deliveries: each recipient is notified once per channel (I19)."""

from collections.abc import Iterable

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import AdminEvent, User
from notify.acts.table import NOTICES
from notify.models import Delivery
from notify.recipients import subscriber

INSERT = """
INSERT INTO notify_delivery (act_id, recipient_id, kind, address, state, created_at, due_at, sent_at, attempts,
                             last_error, receipt)
SELECT %(act)s, recipient_id, kind, '', CASE kind WHEN 'in_app' THEN 'sent' ELSE 'queued' END, %(now)s, %(now)s,
       CASE kind WHEN 'in_app' THEN %(now)s::timestamptz END, 0, '', ''
FROM unnest(%(users)s::bigint[], %(kinds)s::text[]) AS wanted (recipient_id, kind)
ON CONFLICT DO NOTHING
RETURNING id, kind
"""


def on_act(act: AdminEvent) -> None:
    """Write the deliveries of this act, one per recipient and channel, and run what else follows from it."""
    notice = NOTICES.get(act.kind)
    if notice is None:
        return
    now = timezone.now()
    wanted = [(user.pk, kind) for user in notice.recipients(act) for kind in channels_of(user)]
    if wanted:
        users, kinds = (list(column) for column in zip(*wanted, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(INSERT, {"act": act.pk, "now": now, "users": users, "kinds": kinds})
            subscriber.wake([pk for pk, kind in cursor.fetchall() if kind != Delivery.Kind.IN_APP])
    notice.also(act, now)


def channels_of(user: User) -> Iterable[str]:
    """The channels on which this person can be reached."""
    yield Delivery.Kind.IN_APP
    if user.email:
        yield Delivery.Kind.EMAIL
    if user.wecom_userid and settings.WECOM_ENABLED:
        yield Delivery.Kind.WECOM_TEXT
