"""Whether a delivery that waited still has anything to say (F38)."""

from django.db.models import Q
from django.utils import timezone

from accounts.models import AdminEvent, Proxy, User
from accounts.models.proxy import ProxyQuerySet
from accounts.trail import Kind as Act
from notify.acts import proxy_of
from notify.models import Delivery
from tickets.events import Kind
from tickets.models import ApprovalTask
from tickets.queries.visible import may_see


def is_over(delivery: Delivery) -> bool:
    """True for people who left, for reminders and calls to what is done, and for proxies whose time has ended (I11);
    and for words about a ticket that somebody does not see any more.

    A correction of cards is never over: what it corrects is what was already shown. Nor is a webhook: machines
    are told everything, once.
    """
    if delivery.kind in (Delivery.Kind.WECOM_CARD_UPDATE, Delivery.Kind.WEBHOOK):
        return False
    if not delivery.person.is_active:
        return True
    if delivery.act is not None:
        return _is_undone(delivery.act, delivery.person)
    if delivery.happened.kind in (Kind.TICKET_REMINDED, Kind.TASK_APPROVED, Kind.TASK_LEFT):
        return not _still_waits(delivery)
    if delivery.happened.kind in (Kind.TICKET_COMMENTED, Kind.TICKET_COPIED):
        return not may_see(delivery.person, delivery.happened.ticket, timezone.now())
    return delivery.happened.kind == Kind.TASK_ASSIGNED and not _still_concerns(delivery)


def _is_undone(act: AdminEvent, person: User) -> bool:
    """Whether somebody would be told that he stands in, who by now does not and will not."""
    if act.kind == Act.PROXY_ENDED or person.username != act.data["agent"]:
        return False
    proxy = proxy_of(act)
    if proxy is None or proxy.agent_id != person.pk:
        return True
    return proxy.revoked_at is not None or proxy.ends_at <= timezone.now()


def _still_waits(delivery: Delivery) -> bool:
    principals = _stands_in(delivery).values("principal")
    mine = Q(assignee=delivery.recipient_id) | Q(assignee__in=principals)
    return ApprovalTask.objects.filter(mine, ticket=delivery.happened.ticket_id, state="pending").exists()


def _still_concerns(delivery: Delivery) -> bool:
    asked = [seat["username"] for seat in delivery.happened.data["assignees"]]
    if delivery.person.username in asked:
        return True
    return _stands_in(delivery).filter(principal__username__in=asked).exists()


def _stands_in(delivery: Delivery) -> ProxyQuerySet:
    """The proxies through which the recipient may act on this ticket now."""
    held = Proxy.objects.active(timezone.now()).covering(delivery.happened.ticket.template_version.template.key)
    return held.filter(agent=delivery.recipient_id)
