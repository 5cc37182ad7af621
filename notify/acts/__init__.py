"""Messages about administrative acts: who is notified, and what the message says."""

from notify.acts.deliveries import on_act

__all__ = ["on_act"]
