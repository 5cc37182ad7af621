"""Models of notify."""

from notify.models.callback import Callback
from notify.models.card import Card, CardCode
from notify.models.delivery import Delivery
from notify.models.pace import Pace

__all__ = ["Callback", "Card", "CardCode", "Delivery", "Pace"]
