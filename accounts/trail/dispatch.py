"""Hand acts of the administration trail to their subscribers (I18).

Acts are few. Each has its own transaction, so a failing one does not block the others.
"""

import logging

from django.db import transaction

from accounts.models import AdminEvent, AdminOutbox
from accounts.ports import act_subscribers

logger = logging.getLogger("baton.trail")
BATCH = 200


def dispatch() -> int:
    """Hand out waiting acts, oldest first; returns how many. Any number of callers may run at once."""
    waiting = AdminOutbox.objects.order_by("event_id").values_list("event_id", flat=True)
    return sum(_hand_out(seq) for seq in list(waiting[:BATCH]))


def _hand_out(seq: int) -> int:
    """Hand out one act; returns whether it was done. After a failure the row stays for the next call."""
    try:
        with transaction.atomic():
            row = AdminOutbox.objects.select_for_update(skip_locked=True).filter(pk=seq).first()
            if row is None:
                return 0
            act = AdminEvent.objects.select_related("actor", "person").get(pk=seq)
            for on_act in act_subscribers():
                on_act(act)
            row.delete()
            return 1
    except Exception:
        logger.exception("trail.act_not_told", extra={"act": seq})
        return 0
