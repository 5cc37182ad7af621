"""Reads durations of templates: a number and s, m, h or d."""

from datetime import timedelta

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> timedelta:
    """`4h` → four hours. The shape DURATION has been checked."""
    return timedelta(**{UNITS[text[-1]]: int(text[:-1])})
