"""A parent ticket and its children, for tests."""

from collections.abc import Iterable
from typing import Any

from templates_engine.models import TemplateVersion
from tests.factories import NOW, act, one, submit, template, user
from tickets.commands.children import wake_all
from tickets.commands.withdraw import withdraw
from tickets.models import Ticket

Node = dict[str, Any]
WHAT = {"key": "what", "type": "text", "label": "W", "required": True, "max_length": 10}
ITEMS = {"key": "items", "type": "multiselect", "label": "I", "options": ["x", "y", "z", "much too long"]}
NOTE = {"key": "note", "type": "text", "label": "N"}


def sub(node: str = "sub", **more: Any) -> dict[str, Any]:
    """A node that opens one child for each item."""
    return {"node": node, "type": "subticket", "template": "child", "for_each": "form.items", "form": {"what": "item"},
            "title": "'do ' + item", **more}  # fmt: skip


def child_template(*chain: Node, key: str = "child", fields: Iterable[Node] = (WHAT,)) -> TemplateVersion:
    """A published template of children; dave decides unless a chain is given."""
    return template(list(chain) or [one("x", "dave")], list(fields), key=key)


def parent(
    items: Iterable[str] = ("x", "y"),
    *,
    before: Iterable[Node] = (),
    after: Iterable[Node] = (),
    child: Iterable[Node] = (),
    **more: Any,
) -> Ticket:
    """A ticket whose chain opens one child for each item; dave decides each child."""
    child_template(*child)
    template([*before, sub(**more), *(after or [one("last", "erin")])], [ITEMS, NOTE])
    return submit(form={"items": list(items)})


def children(ticket: Ticket) -> list[Ticket]:
    """The children, oldest first."""
    return list(Ticket.objects.filter(parent=ticket).order_by("id"))


def end(child: Ticket, verb: str = "approve", who: str = "dave") -> None:
    """Decide or withdraw the child, and let its parent go on."""
    if verb == "withdraw":
        withdraw(number=child.number, actor=user("alice"), at=NOW)
    else:
        act(child, who, verb, comment="x")
    wake_all(NOW)
