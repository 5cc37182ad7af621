"""Delete lines that are older than the retention time, and their alarms."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from automation.models import ShellAlarm
from automation.models.shell import ShellLine

BATCH = 5000
BUDGET_S = 60.0


def purge_lines(at: datetime) -> int:
    """Delete lines received more than BATON_SHELL_DAYS ago, oldest first, in short transactions; return how many.

    0 days keep lines for ever.
    """
    if not settings.SHELL_DAYS:
        return 0
    before, until, dropped = at - timedelta(days=settings.SHELL_DAYS), time.monotonic() + BUDGET_S, 0
    while gone := _drop_batch(before):
        dropped += gone
        if gone < BATCH or time.monotonic() > until:
            break
    # An alarm quotes its first line. That the alarm existed stays in the trail of administration.
    ShellAlarm.objects.filter(last_at__lt=before, settled_at__isnull=False).delete()
    return dropped


@transaction.atomic
def _drop_batch(before: datetime) -> int:
    """Ids rise in the order of arrival, so the oldest lines have the lowest: no index on times is needed."""
    lowest = ShellLine.objects.order_by("pk").values_list("pk", "received_at")[:BATCH]
    old = [pk for pk, received_at in lowest if received_at < before]
    if not old:
        return 0
    with connection.cursor() as cursor:  # the trigger allows these deletions, in this transaction only
        cursor.execute("SELECT set_config('baton.shell_lines_before', %s, true)", [before.isoformat()])
    ShellLine.objects.filter(pk__in=old).delete()
    return len(old)
