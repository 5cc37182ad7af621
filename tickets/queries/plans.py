"""Plans for people to read: the ticket's own and those of its sub-tickets, without hidden values."""

from collections.abc import Collection, Mapping
from typing import Any

from templates_engine.parts import Node
from templates_engine.program.program import Program
from templates_engine.store.programs import load
from templates_engine.text import localize
from tickets.models.content import Child, Plan
from tickets.ports import planner
from tickets.queries.foreseen import shown_dry_run
from tickets.queries.hidden import shown_plan, tells
from tickets.rules.dry_run_rules import Foreseen


def own_plans(
    plans: Mapping[str, Plan],
    program: Program,
    hidden: Collection[str],
    foreseen: Mapping[str, Foreseen] | None = None,
    made: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """The plans of a ticket's own chain, with {name, risk, command, summary, labels, dry_run}; `subticket` is None.

    foreseen, made: by node; see shown_dry_run.
    """
    return [
        shown_plan({**plan, **planner().describe(plan), "subticket": None}, program.node(node), hidden)
        | {"dry_run": shown_dry_run(plan, foreseen, program.node(node), hidden, (made or {}).get(node))}
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
    """The plans of sub-tickets not created yet, at all depths; `subticket` is each one's future title.

    Approvers of the parent see them because they sign them (I12). gone: nodes whose sub-tickets exist and show their
    own plans. hidden: fields of the parent hidden from this reader; values made from them are hidden, too. whole: the
    reader sees every field, also in sub-tickets.
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


def _unseen(node: Node, child: Program, hidden: Collection[str]) -> frozenset[str]:
    """The fields of a sub-ticket hidden from a reader of its parent; in doubt, hidden (I26)."""
    own = {field["key"] for field in child.form if field.get("hidden_at")}
    given = node.get("form", {})
    if tells(node.get("for_each"), hidden):
        return frozenset({*own, *given})
    return frozenset({*own, *(key for key, source in given.items() if tells(source, hidden))})
