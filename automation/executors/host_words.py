"""Baton's own messages about hosts: stored in English, shown in the reader's language."""

from django.utils.translation import gettext_noop

NOT_KNOWN = gettext_noop("The Salt master knows no minion of this id, or has not accepted its key.")
NOT_THERE = gettext_noop("The minion did not answer, so nothing was sent to it.")
NO_WORD = gettext_noop("It was sent, and no result came back. Look at this host before a rerun.")
MAYBE_SENT = gettext_noop("Salt gave no answer to the request, so it may still run. Look at this host before a rerun.")
NOT_SEEN_TO_END = gettext_noop("It could not be proved to have ended here. Look at this host before a rerun.")
BACKGROUND = gettext_noop("Ended here. What it had put into the background by itself may go on: Salt cannot reach it.")
RUNNER_GOES_ON = gettext_noop(
    "Salt cannot end a function of its master, so it may go on there. Look at what it did before a rerun."
)
BUSY = gettext_noop("Another state run was under way on this host until the end.")
RAN_FOR_REAL = gettext_noop("The minion did not say that it was a dry run. Look at this host before anything else.")
STAGES_LEFT = gettext_noop("An earlier stage did not end well on every host, so the later ones were not run here.")
NO_HOST_KEY = gettext_noop("It was installed, and the host handed over no usable ed25519 host key: no line is taken.")
KEY_OF_ANOTHER = gettext_noop(
    "It was installed, but another host is enrolled with this host key: no line is taken. Make new host keys here "
    "(machines that were copied share them), then install again."
)
CHECKING = gettext_noop("The run is done here; its health check has not said yet whether all is well.")
UNHEALTHY = gettext_noop("Health check failed: %(why)s")
NO_RESULT = gettext_noop("It gave no result.")
HOST_WORDS = frozenset(
    {STAGES_LEFT, NOT_KNOWN, NOT_THERE, NO_WORD, MAYBE_SENT, NOT_SEEN_TO_END, BACKGROUND, RUNNER_GOES_ON, BUSY}
    | {RAN_FOR_REAL, NO_HOST_KEY, KEY_OF_ANOTHER, CHECKING, NO_RESULT}
)


def unhealthy(why: str) -> str:
    """The message for a host whose health check failed."""
    return UNHEALTHY % {"why": why}


def why_unhealthy(message: str) -> str | None:
    """The reason in a message of `unhealthy`; None for any other message."""
    head = UNHEALTHY % {"why": ""}
    return message.removeprefix(head) if message.startswith(head) else None
