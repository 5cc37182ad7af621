"""A ticket that its second approver may edit."""

from collections.abc import Iterable
from typing import Any

from tests.factories import HOST, HOSTS, act, one, restart, submit, template
from tickets.models import Ticket

NOTE = {"key": "note", "type": "text", "label": "N", "editable_at": ["b"]}
FIXED = {"key": "fixed", "type": "text", "label": "F"}
SERVICE = {"key": "service", "type": "select", "label": "S", "options": ["nginx", "mysql"], "required": True,
           "editable_at": ["a", "b"]}  # fmt: skip
BIG = {"key": "big", "type": "switch", "label": "B", "editable_at": ["b"]}
RUN = restart(params={"service": "form.service"})
FORM = {**HOST, "service": "nginx", "note": "old", "fixed": "f"}


def started(
    *more: dict[str, Any],
    fields: Iterable[dict[str, Any]] = (),
    form: dict[str, Any] | None = None,
    b: dict[str, Any] | None = None,
) -> Ticket:
    """Approved by bob; carol is next."""
    chain = [one("a", "bob"), b or one("b", "carol"), *more, RUN]
    template(chain, [HOSTS, SERVICE, NOTE, FIXED, *fields])
    return act(submit(form={**FORM, **(form or {})}), "bob")
