"""From administrative acts to deliveries: each recipient is notified once per channel (I19)."""

from functools import partial

from django.db import connection
from django.utils import timezone

from accounts.models import AdminEvent
from notify.acts.table import NOTICES
from notify.models.delivery import IN_APP
from notify.ports import kinds_for, open_channels
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
    channels = open_channels()
    wanted = [
        (user.pk, kind)
        for user in notice.recipients(act)
        for kind in kinds_for(channels, partial(getattr, user), has_task=False)
    ]
    if wanted:
        users, kinds = (list(column) for column in zip(*wanted, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(INSERT, {"act": act.pk, "now": now, "users": users, "kinds": kinds})
            subscriber.wake([pk for pk, kind in cursor.fetchall() if kind != IN_APP])
    notice.also(act, now)
