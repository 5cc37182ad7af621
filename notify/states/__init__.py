"""The small state machine of a delivery: can it go from A to B?"""

from notify.states.delivery import WAITING, DeliveryFlow, DeliveryState, Hold

__all__ = ["WAITING", "DeliveryFlow", "DeliveryState", "Hold"]
