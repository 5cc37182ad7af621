"""Credentials: stored encrypted, handed to the executor right before a run, never shown again (I24, B6).

The web process has only the public key: it can store a secret and read none. `hand_over` works only where the private
keys are, in the executor's process.
"""

from automation.credentials.handing import Unusable, hand_over, secrets_in

__all__ = ["Unusable", "hand_over", "secrets_in"]
