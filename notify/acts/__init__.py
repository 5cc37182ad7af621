"""Messages about administrative acts: who is notified, and what the message says."""

from notify.acts.hearing import hear

__all__ = ["hear"]
