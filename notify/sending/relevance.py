"""Whether a waiting delivery is out of date (F38)."""

from django.db.models import Q
from django.utils import timezone

from accounts.models import Proxy
from accounts.models.proxy import ProxyQuerySet
from notify.acts.table import notice_of
from notify.models import Delivery
from notify.ports import CHANNELS
from tickets.models import ApprovalTask
from tickets.queries.visible import may_see
from tickets.trail.events import Kind


def is_over(delivery: Delivery) -> bool:
    """Whether the delivery need not be sent any more: the recipient is disabled, the task is done, the proxy has ended
    (I11), or the recipient may no longer see the ticket of a comment or copy.

    Some channels always send, such as corrections of cards: they correct what was already shown.
    """
    if CHANNELS[delivery.kind].is_always_sent:
        return False
    if not delivery.person.is_active:
        return True
    if delivery.act is not None:
        return notice_of(delivery.act).is_over(delivery.act, delivery.person)
    if "drift" in delivery.happened.data:
        return False
    if delivery.happened.kind in (Kind.TICKET_REMINDED, Kind.TASK_APPROVED, Kind.TASK_LEFT, Kind.PLAN_FORESEEN):
        return not _still_waits(delivery)
    if delivery.happened.kind in (Kind.TICKET_COMMENTED, Kind.TICKET_COPIED):
        return not may_see(delivery.person, delivery.happened.ticket, timezone.now())
    return delivery.happened.kind == Kind.TASK_ASSIGNED and not _still_concerns(delivery)


def _still_waits(delivery: Delivery) -> bool:
    principals = _stands_in(delivery).values("principal")
    mine = Q(assignee=delivery.recipient_id) | Q(assignee__in=principals)
    return ApprovalTask.objects.filter(mine, ticket=delivery.happened.ticket_id, state="pending").exists()


def _still_concerns(delivery: Delivery) -> bool:
    asked = [seat["username"] for seat in Kind.TASK_ASSIGNED.of(delivery.happened)["assignees"]]
    if delivery.person.username in asked:
        return True
    return _stands_in(delivery).filter(principal__username__in=asked).exists()


def _stands_in(delivery: Delivery) -> ProxyQuerySet:
    """The proxies through which the recipient may act on this ticket now."""
    held = Proxy.objects.active(timezone.now()).covering(delivery.happened.ticket.template_version.template.key)
    return held.filter(agent=delivery.recipient_id)
