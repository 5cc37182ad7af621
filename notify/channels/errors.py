"""Errors of the channels."""


class ChannelError(Exception):
    """A delivery was not sent. The text is for administrators: it holds no secret and no ticket content.

    permanent: a retry cannot help. is_down: the whole dependency does not answer, so its other deliveries pause too
    (F42). is_full: the dependency answers but takes no more for now; this never counts as a failed attempt.
    """

    def __init__(self, reason: str, *, permanent: bool = False, is_down: bool = False, is_full: bool = False) -> None:
        super().__init__(reason)
        self.permanent, self.is_down, self.is_full = permanent, is_down or is_full, is_full


class Superseded(ChannelError):
    """The message is out of date."""

    def __init__(self) -> None:
        super().__init__("superseded", permanent=True)
