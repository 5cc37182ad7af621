"""What one delivery says, whatever it tells of: an event of a ticket, or an act of administration."""

from datetime import datetime

from notify.act_messages import act_card_url, act_heading, compose_act
from notify.messages import Message, acts_for, card_url, compose, heading
from notify.models import Delivery


def message_of(delivery: Delivery, most: int = 0) -> Message:
    """The message for its recipient, in the active language. most: so many letters of a changed value, 0 for all."""
    if delivery.act is not None:
        return compose_act(delivery.act, delivery.person)
    return compose(delivery.happened, delivery.person, most)


def heading_of(delivery: Delivery) -> str:
    """Its first sentence."""
    if delivery.act is not None:
        return act_heading(delivery.act, delivery.person)
    return heading(delivery.happened, acts_for(delivery.happened, delivery.person))


def inside_url(delivery: Delivery) -> str:
    """Where it leads, opened from WeCom: an address that only this news has."""
    if delivery.act is not None:
        return act_card_url(delivery.act)
    return card_url(delivery.happened.ticket, delivery.happened)


def at_of(delivery: Delivery) -> datetime:
    """When it happened."""
    return delivery.act.at if delivery.act is not None else delivery.happened.at


def number_of(delivery: Delivery) -> str:
    """The number of its ticket; empty for what is about none."""
    return "" if delivery.act is not None else delivery.happened.ticket.number
