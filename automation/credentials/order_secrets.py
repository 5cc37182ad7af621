"""Add to an order the secrets that its action names."""

from dataclasses import replace

from automation.credentials import Unusable, hand_over, secrets_in
from automation.executors.base import Order, Refused


def with_credentials(order: Order) -> Order:
    """The order with the secrets that its action names; only the executor's process can decrypt them. Raises Refused.

    Its health check gets its own secrets, also before anything runs.
    """
    if order.health_check is not None:
        order = replace(order, health_check=with_credentials(order.health_check))
    if not order.action.credentials:
        return order
    try:
        return replace(order, credentials=hand_over(order.action.credentials))
    except Unusable as error:
        raise Refused(str(error)) from error


def secrets_of(order: Order) -> set[str]:
    """All secret texts of this order and its health check, for masking."""
    own = secrets_in(order.credentials)
    return own if order.health_check is None else own | secrets_of(order.health_check)
