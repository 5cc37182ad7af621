"""Texts and links of a delivery, for a ticket's event or an administrative act."""

from datetime import datetime

from notify.acts.table import notice_of
from notify.models import Delivery
from notify.texts.act_texts import act_card_url, compose_act
from notify.texts.messages import Message, acts_for, card_url, compose, heading


def message_of(delivery: Delivery, most: int = 0) -> Message:
    """The message for the recipient, in the active language. most: characters of a changed value, 0 for no limit."""
    if delivery.act is not None:
        return compose_act(delivery.act, delivery.person)
    return compose(delivery.happened, delivery.person, most)


def heading_of(delivery: Delivery) -> str:
    """The heading: one sentence."""
    if delivery.act is not None:
        return notice_of(delivery.act).heading(delivery.act, delivery.person)
    return heading(delivery.happened, acts_for(delivery.happened, delivery.person))


def inside_url(delivery: Delivery) -> str:
    """The link that WeCom opens. The URL is unique to this event or act."""
    if delivery.act is not None:
        return act_card_url(delivery.act, delivery.person)
    return card_url(delivery.happened.ticket, delivery.happened)


def at_of(delivery: Delivery) -> datetime:
    """When the event or act happened."""
    return delivery.act.at if delivery.act is not None else delivery.happened.at


def number_of(delivery: Delivery) -> str:
    """The ticket's number; empty if the delivery is about no ticket."""
    return "" if delivery.act is not None else delivery.happened.ticket.number
