"""What would run, as people read it: the ticket's own plans and those of its sub-tickets, without hidden values."""

from collections.abc import Collection, Mapping
from typing import Any

from templates_engine.program import Program, load
from templates_engine.text import localize
from tickets.models.content import Child, Plan
from tickets.ports import planner
from tickets.queries.hidden import shown_plan, tells


def own_plans(plans: Mapping[str, Plan], program: Program, hidden: Collection[str]) -> list[dict[str, Any]]:
    """The plans of a ticket's own chain, each with {name, risk, command, summary, labels} and no `subticket`."""
    return [
        shown_plan({**plan, **planner().describe(plan), "subticket": None}, program.node(node), hidden)
        for node, plan in plans.items()
    ]


def childrens_plans(
    children: Mapping[str, list[Child]],
    program: Program,
    hidden: Collection[str],
    gone: Collection[str] = (),
    *,
    whole: bool = False,
) -> list[dict[str, Any]]:
    """The plans of the sub-tickets that are not made yet, however deep; `subticket` is what each will be called.

    They are signed with their parent (I12), so its approvers see them. gone: nodes whose sub-tickets are there: they
    show their plans themselves. hidden: the parent's fields that this reader may not see: nor what is made of them.
    whole: the reader sees every field, those of the sub-tickets too.
    """
    shown: list[dict[str, Any]] = []
    for node, made in children.items():
        for child in made if node not in gone else ():
            inner = load(child["template_version"])
            unseen = frozenset() if whole else _unseen(program.node(node), inner, hidden)
            title = localize(inner.document["name"]) if unseen else child["title"]
            shown += [{**plan, "subticket": title} for plan in own_plans(child["plans"], inner, unseen)]
            shown += childrens_plans(child["children"], inner, unseen, whole=whole)
    return shown


def _unseen(node: dict[str, Any], child: Program, hidden: Collection[str]) -> frozenset[str]:
    """The fields of a sub-ticket that its parent's reader may not see; where that is in doubt, he may not (I26)."""
    own = {field["key"] for field in child.form if field.get("hidden_at")}
    given = node.get("form", {})
    if tells(node.get("for_each"), hidden):
        return frozenset({*own, *given})
    return frozenset({*own, *(key for key, source in given.items() if tells(source, hidden))})
