"""What can go wrong with a channel."""


class ChannelError(Exception):
    """Not sent. The text is for administrators: no secret, no content.

    permanent: trying again cannot help. is_down: the dependency as a whole does not answer, so whatever
    else waits for it is better left alone for a while (F42). is_full: it answers, and takes no more for now; however
    long that lasts, it is nobody's failed attempt.
    """

    def __init__(self, reason: str, *, permanent: bool = False, is_down: bool = False, is_full: bool = False) -> None:
        super().__init__(reason)
        self.permanent, self.is_down, self.is_full = permanent, is_down or is_full, is_full


class Superseded(ChannelError):
    """What the message was about is over."""

    def __init__(self) -> None:
        super().__init__("superseded", permanent=True)
