"""State machine of a delivery."""

from notify.states.delivery import WAITING, DeliveryFlow, DeliveryState, Hold

__all__ = ["WAITING", "DeliveryFlow", "DeliveryState", "Hold"]
