"""Checks lists of entries such as {role: sre}: each must name an existing department, role or user."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Department, Role, User
from common.errors import Problem, finding

PLACES = {"department": (Department, "key"), "role": (Role, "key"), "user": (User, "username")}


def name_faults(
    entries: Sequence[Any], path: str, code: str, message: str, *, kinds: Collection[str] = tuple(PLACES),
    passed: Collection[Any] = (),
) -> list[Problem]:  # fmt: skip
    """Problems of these entries: malformed ones, with this code and message, and names that do not exist.

    kinds: the allowed kinds. passed: entries that are valid without a check.
    """
    wrong = []
    for index, entry in enumerate(entries):
        if entry in passed:
            continue
        kind, key = next(iter(entry.items())) if isinstance(entry, dict) and len(entry) == 1 else (None, None)
        if not isinstance(kind, str) or kind not in kinds or not isinstance(key, str) or "\x00" in key:
            wrong.append(finding(f"{path}[{index}]", code, message))
            continue
        model, column = PLACES[kind]
        if not model._default_manager.filter(**{column: key}).exists():
            unknown = _("There is no such %(kind)s: %(key)s.") % {"kind": kind, "key": key[:64]}
            wrong.append(finding(f"{path}[{index}].{kind}", f"unknown_{kind}", unknown))
    return wrong
