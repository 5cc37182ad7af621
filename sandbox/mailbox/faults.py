"""Switches for errors of the SMTP server."""

from dataclasses import dataclass
from typing import Any

TEXTS = {4: "4.3.0 try again later", 5: "5.7.1 refused on purpose"}


class SwitchError(Exception):
    """The request names an unknown switch or a wrong value."""


@dataclass
class Faults:
    """What happens to the next `times` mails (None: all until reset).

    `code` answers 4xx or 5xx; `at` says when: to RCPT TO or after the final dot of DATA.
    `drop` keeps the mail but closes the connection after the final dot, without an answer.
    """

    code: int | None = None
    at: str = "data"
    slow_s: float = 0.0
    drop: bool = False
    times: int | None = 1

    def active(self) -> bool:
        return (self.times is None or self.times > 0) and bool(self.code or self.slow_s or self.drop)

    def used(self) -> None:
        if self.times is not None:
            self.times -= 1

    def reply(self) -> str | None:
        return f"{self.code} {TEXTS[self.code // 100]}" if self.code else None


def build_faults(values: Any) -> Faults:
    """From `{code?, at?, slow_s?, drop?, times?, reset?}`. Raises SwitchError."""
    if not isinstance(values, dict) or not set(values) <= {"code", "at", "slow_s", "drop", "times", "reset"}:
        raise SwitchError("known switches: code, at, slow_s, drop, times, reset")
    if values.get("reset"):
        return Faults(times=0)
    code, slow_s, times = values.get("code"), values.get("slow_s", 0), values.get("times", 1)
    if code is not None and (not isinstance(code, int) or not 400 <= code <= 599):
        raise SwitchError("code must be from 400 to 599")
    if isinstance(slow_s, bool) or not isinstance(slow_s, int | float) or slow_s < 0:
        raise SwitchError("slow_s must be a number of seconds")
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
        raise SwitchError("times must be 1 or more, or null")
    if values.get("at", "data") not in {"data", "rcpt"}:
        raise SwitchError("at must be data or rcpt")
    return Faults(code, values.get("at", "data"), slow_s, bool(values.get("drop", False)), times)
