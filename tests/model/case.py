"""A ticket of the model, and questions about it: who is asked, who has signed enough."""

import math
from collections.abc import Iterator
from typing import Any

from tests.model.company import Company
from tests.model.parts import PEOPLE, Seat, Visit
from tests.model.tree import Node, Tree, case_of


class Case:
    """One ticket in its current state. `templates` are the documents by key; children are tickets, too."""

    def __init__(
        self,
        company: Company,
        templates: dict[str, dict[str, Any]],
        *,
        key: str,
        form: dict[str, Any],
        applicant: str,
        chosen: dict[str, list[str]] | None = None,
        parent: "Case | None" = None,
    ) -> None:
        self.company, self.templates, self.document = company, templates, templates[key]
        self.tree = Tree(self.document["chain"])
        self.form, self.applicant = form, applicant
        self.chosen = chosen or {}
        self.state, self.content, self.is_child = "approving", 1, parent is not None
        self.editors: set[str] = set(parent.editors) if parent else set[str]()
        self.visits: list[Visit] = []
        self.trail: list[str] = []  # the nodes done in this pass, in order
        self.signed: list[tuple[Seat, Visit]] = []  # who approved, where; a seat stores what it signed
        self.later: set[str] = set()  # the nodes to come back to after a return to the applicant
        self.base = 1  # decisions on this content or later ones stand, at every node
        self.since: dict[str, int] = {}  # nodes at which decisions must be newer than that

    def opened(self) -> list[Visit]:
        """The open visits, forks included."""
        return [visit for visit in self.visits if visit.state == "open"]

    def seats(self) -> list[tuple[Visit, Seat]]:
        """The pending seats."""
        return [(visit, seat) for visit in self.opened() for seat in visit.pending()]

    def children(self) -> list[Any]:
        """All sub-tickets ever made."""
        return [child for visit in self.visits for child in visit.children]

    def family(self) -> Iterator[Any]:
        """The ticket and all its descendants."""
        yield self
        for child in self.children():
            yield from child.family()

    def running(self) -> bool:
        """Whether a job runs now."""
        return any(visit.job == "running" for visit in self.opened())

    def blocked(self) -> bool:
        """Whether some node waits for people and none of them can act; such tickets must be listed as stuck."""
        waiting = [visit for visit in self.opened() if visit.type in PEOPLE]
        return any(all(seat.who in self.company.left for seat in visit.pending()) for visit in waiting)

    def _may_sign(self, node: Node, who: str) -> bool:
        """The applicant and editors of what will run never sign (I03)."""
        return node["type"] != "approval" or (who != self.applicant and who not in self.editors)

    def _above(self, node: Node, who: str, besides: set[str]) -> list[str]:
        """Escalate to the nearest manager of the missing person, else of the applicant, else to the administrators."""
        never = {who, self.applicant, *besides}
        above = [*self.company.line(who), *self.company.line(self.applicant)]
        able = [person for person in above if person not in never and self._may_sign(node, person)]
        admins = self.company.active(self.company.admins)
        return able[:1] or [person for person in admins if person not in never and self._may_sign(node, person)]

    def _people(self, node: Node) -> list[str] | None:
        """The people a node asks; None if the template lets it pass."""
        rules = node.get("approvers") or node["assignees"]
        people = self.company.found(rules, self.applicant, self.form, self.chosen.get(node["node"], []))
        own = node.get("on_self", "escalate")
        able = [who for who in people if self._may_sign(node, who) or (who == self.applicant and own == "allow")]
        if able:
            return able
        if people:
            passes = own == "approve" and people == [self.applicant]
            return None if passes else self._above(node, self.applicant, self.editors)
        if node.get("on_empty") == "approve":
            return None
        return [] if node.get("on_empty") == "block" else self._above(node, self.applicant, self.editors)

    def _signed_before(self, who: str, node: Node) -> bool:
        """Whether this person has approved the standing content at a completed node: any, or the one before (dedup)."""
        dedup = node.get("dedup", self.document.get("dedup", "none"))
        stands = [
            (seat.signer, visit.node)
            for seat, visit in self.signed
            if visit.state == "done" and self._stands(seat, visit.node)
        ]
        if dedup == "all":
            return any(who == signer and self._not_beside(place, node["node"]) for signer, place in stands)
        before = self._approval_before(node["node"])
        return dedup == "adjacent" and before is not None and (who, before) in stands

    def _stands(self, seat: Seat, key: str) -> bool:
        """Whether a decision made at a node still counts."""
        is_yes = seat.state in ("approved", "confirmed")
        return is_yes and seat.content >= max(self.base, self.since.get(key, 0))

    def _precedes(self, earlier: str, key: str) -> bool:
        """Whether one node is done before another is reached."""
        order = [node["node"] for node in self.tree.route(self.form)]
        if earlier not in order or key not in order or order.index(earlier) >= order.index(key):
            return False
        return self._not_beside(earlier, key) and earlier not in [fork for fork, _branch in self.tree.within(key)]

    def _approval_before(self, key: str) -> str | None:
        """The approval directly before a node on its way; nodes where nobody was asked do not count."""
        for earlier in reversed(self.trail):
            asked = self.tree.node(earlier)["type"] == "approval" and self._latest(earlier).state == "done"
            if asked and self._leads_to(earlier, key):
                return earlier
        return None

    def _not_beside(self, earlier: str, key: str) -> bool:
        around = dict(self.tree.within(key))
        return all(around.get(fork, number) == number for fork, number in self.tree.within(earlier))

    def _leads_to(self, earlier: str, key: str) -> bool:
        around = self.tree.within(earlier)
        return self.tree.within(key)[: len(around)] == around

    def mode(self, node: Node) -> Any:
        """any, all, sequence or a ratio."""
        if node["type"] == "confirm":
            return "any"
        step_by_step = any("managers_up_to" in rule for rule in node["approvers"])
        return node.get("mode", "sequence" if step_by_step else "any")

    def _enough(self, visit: Visit) -> bool:
        base = visit.base()
        return sum(visit.complete(seat) for seat in base) >= self._need(visit, len(base))

    def _need(self, visit: Visit, seats: int) -> int:
        """How many of these seats must be complete; no seats are never enough."""
        mode = self.mode(self.tree.node(visit.node))
        if isinstance(mode, dict):
            return max(1, math.ceil(float(mode["ratio"]) * seats - 1e-9))
        return 1 if mode == "any" else max(1, seats)

    def _latest(self, key: str) -> Visit:
        return [visit for visit in self.visits if visit.node == key][-1]

    def _meaning(self, form: dict[str, Any], trail: list[str]) -> tuple[Any, ...]:
        """What the signatures so far were given for: jobs, children, and the way so far."""
        route = list(self.tree.route(form))
        plans = {node["node"]: form["hosts"] for node in route if node["type"] == "automation"}
        children = {node["node"]: self._forms(node, form) for node in route if node["type"] == "subticket"}
        way = [(key, case_of(self.tree.node(key), form)) for key in trail if self.tree.node(key)["type"] == "branch"]
        return plans, children, way

    def _asked_for(self, form: dict[str, Any], keys: list[str]) -> dict[str, Any]:
        """The people whom the form names at these nodes."""
        rules = {
            key: node.get("approvers") or node.get("assignees", []) for key in keys for node in [self.tree.node(key)]
        }
        return {key: form["who"] for key, found in rules.items() if any("form_user" in rule for rule in found)}

    def _whole(self, form: dict[str, Any]) -> tuple[Any, ...]:
        """What a resubmission must not change without restarting the chain: jobs, children, people and way."""
        plans, children, _way = self._meaning(form, [])
        route = [node["node"] for node in self.tree.route(form) if node["type"] != "branch"]
        return plans, children, route, self._asked_for(form, route)

    def _forms(self, node: Node, form: dict[str, Any]) -> list[dict[str, Any]]:
        """The forms of the children that a sub-ticket node makes."""
        items = form["hosts"] if node.get("for_each") == "form.hosts" else [""]
        mapped = node["form"].items()
        return [{key: value_of(value, form, item) for key, value in mapped} for item in items]


def value_of(value: Any, form: dict[str, Any], item: str) -> Any:
    """Evaluate the few expressions that random templates map to children."""
    if not isinstance(value, str):
        return value
    return {"form.n": form["n"], "form.flag": form["flag"], "item": item}[value]
