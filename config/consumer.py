"""Consumer of the workers: it accepts only Baton's own messages, and no message can stop it (A31, B5).

A valid message names one of our tasks and carries row ids in JSON. All other messages are rejected, logged without
their contents, and counted. Remote control and messages between workers are off: anybody with access to the broker
could use them to stop all workers.
"""

import inspect
import logging
import typing
from collections.abc import Callable
from typing import Any

from celery import Task
from celery.exceptions import InvalidTaskError
from celery.worker.consumer import Consumer as CeleryConsumer
from celery.worker.strategy import default
from kombu.exceptions import ContentDisallowed, DecodeError, OperationalError

from config import pulses

logger = logging.getLogger("baton.consumer")
UNHEARD = ("mingle", "gossip", "heart", "control")
LARGEST_ID = 2**63 - 1
# Errors from data that is not even a message: the consumer then reconnects.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError)


def refuse(reason: str, error: BaseException | None = None) -> None:
    """Log and count a message that is not ours."""
    logger.error("message.refused", extra={"reason": reason, "error": type(error).__name__})
    pulses.beat(f"refused:{reason}")


class Consumer(CeleryConsumer):
    """Celery's consumer, but it logs refused messages without contents, and reconnects after unreadable data."""

    class Blueprint(CeleryConsumer.Blueprint):  # type: ignore[misc, valid-type]
        """Celery's steps without those that read messages of other workers or remote control."""

        default_steps = [
            step
            for step in CeleryConsumer.Blueprint.default_steps
            if step.rpartition(".")[2].partition(":")[0] not in UNHEARD
        ]

    connection_errors: tuple[type[BaseException], ...]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.connection_errors = (*self.connection_errors, *UNREADABLE)

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Handle a lost connection, or unreadable data from the broker."""
        if isinstance(exc, UNREADABLE) and not isinstance(exc, OSError):
            refuse("unreadable", exc)
        super().on_connection_error_after_connected(exc)

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """Drop a message that is not JSON, or not of the declared content type."""
        refuse("undecodable", exc)
        message.ack_log_error(logger, self.connection_errors)

    def on_unknown_message(self, body: Any, message: Any) -> None:  # noqa: ARG002 (Celery's signature)
        """Reject a message that is not a task."""
        refuse("no_task")
        message.reject_log_error(logger, self.connection_errors)

    def on_unknown_task(self, body: Any, message: Any, exc: Exception) -> None:  # noqa: ARG002
        """Reject a task that is not ours."""
        refuse("unknown_task")
        message.reject_log_error(logger, self.connection_errors)

    def on_invalid_task(self, body: Any, message: Any, exc: Exception) -> None:  # noqa: ARG002
        """Reject a message for one of our tasks that does not have the form in which we send it."""
        refuse("altered", exc)
        message.reject_log_error(logger, self.connection_errors)


class RowTask(Task):
    """A task that takes row ids."""

    Strategy = "config.consumer:strategy"


def strategy(task: Task, app: Any, consumer: Consumer) -> Callable[..., Any]:
    """The function that handles messages for this task (`Task.Strategy`)."""
    handle = default(task, app, consumer)
    kinds = [*typing.get_type_hints(task.run).values()][: len(inspect.signature(task.run).parameters)]

    def take(message: Any, body: Any, *rest: Any, **options: Any) -> Any:
        require_ours(message, kinds)
        try:
            return handle(message, body, *rest, **options)
        except UNREADABLE as error:
            if isinstance(error, (InvalidTaskError, ContentDisallowed, DecodeError, OperationalError)):
                raise
            raise InvalidTaskError(type(error).__name__) from error

    return take


def require_ours(message: Any, kinds: list[type]) -> None:
    """Raise InvalidTaskError unless the message has the form that `doorbell` and beat send: ids only, without delay."""
    payload = message.payload
    if not isinstance(payload, list) or len(payload) != 3:
        raise InvalidTaskError("shape")
    args, kwargs, embed = payload
    if not isinstance(args, list) or len(args) != len(kinds) or kwargs != {}:
        raise InvalidTaskError("arguments")
    for value, kind in zip(args, kinds, strict=True):
        if type(value) is not kind or (isinstance(value, int) and not 0 < value <= LARGEST_ID):
            raise InvalidTaskError("arguments")
    if not isinstance(embed, dict) or any(embed.values()) or message.headers.get("eta"):
        raise InvalidTaskError("extras")
