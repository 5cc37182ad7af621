"""Whether a delivery that waited still has anything to say (F38)."""

from django.utils import timezone

from accounts.models import Proxy
from notify.models import Delivery
from tickets.events import Kind
from tickets.models import ApprovalTask


def is_over(delivery: Delivery) -> bool:
    """True for people who left, for reminders of what is done, and for proxies whose time has ended (I11).

    A correction of cards is never over: what it corrects is what was already shown.
    """
    if delivery.kind == Delivery.Kind.WECOM_CARD_UPDATE:
        return False
    if not delivery.recipient.is_active:
        return True
    if delivery.event.kind == Kind.TICKET_REMINDED:
        return not _still_waits(delivery)
    return delivery.event.kind == Kind.TASK_ASSIGNED and not _still_concerns(delivery)


def _still_waits(delivery: Delivery) -> bool:
    mine = ApprovalTask.objects.filter(ticket=delivery.event.ticket_id, assignee=delivery.recipient_id)
    return mine.filter(state="pending").exists()


def _still_concerns(delivery: Delivery) -> bool:
    asked = [seat["username"] for seat in delivery.event.data["assignees"]]
    if delivery.recipient.username in asked:
        return True
    held = Proxy.objects.active(timezone.now()).covering(delivery.event.ticket.template_version.template.key)
    return held.filter(agent=delivery.recipient_id, principal__username__in=asked).exists()
