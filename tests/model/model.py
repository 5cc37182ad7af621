"""The reference model: what a ticket does, as plainly as the contract says it.

Nested documents, dicts and lists, recursion; nothing is compiled, stored or remembered cleverly, and nothing is
imported from the system it judges. Every action either changes the ticket or raises Refused. Time is in minutes.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

from tests.model.company import Company
from tests.model.parts import Later, Refused, Seat, Visit
from tests.model.tree import Node, Tree, case_of, places

FINAL = ("completed", "vetoed", "withdrawn")
PEOPLE = ("approval", "confirm")


class Model:
    """One ticket. `templates` are the documents by key; children are models too."""

    def __init__(
        self,
        company: Company,
        templates: dict[str, dict[str, Any]],
        *,
        key: str,
        form: dict[str, Any],
        applicant: str,
        chosen: dict[str, list[str]] | None = None,
    ) -> None:
        self.company, self.templates, self.document = company, templates, templates[key]
        self.tree = Tree(self.document["chain"])
        self.form, self.applicant = form, applicant
        self.chosen = chosen or {}
        self.parent: Model | None = None
        self.state, self.content, self.editors = "approving", 1, set[str]()
        self.visits: list[Visit] = []
        self.trail: list[str] = []  # the nodes done in this pass, in their order
        self.signed: list[tuple[str, str]] = []  # (who, node): approvals of the standing content
        self.later: Later | None = None  # where a return to the applicant comes back to
        self._start()

    # ---- looking

    def opened(self) -> list[Visit]:
        """The tokens, forks included."""
        return [visit for visit in self.visits if visit.state == "open"]

    def seats(self) -> list[tuple[Visit, Seat]]:
        """Who is asked now."""
        return [(visit, seat) for visit in self.opened() for seat in visit.pending()]

    def children(self) -> list["Model"]:
        """All sub-tickets ever made."""
        return [child for visit in self.visits for child in visit.children]

    def family(self) -> Iterator["Model"]:
        """The ticket and everything below it."""
        yield self
        for child in self.children():
            yield from child.family()

    def running(self) -> bool:
        """Whether a job runs now."""
        return any(visit.job == "running" for visit in self.opened())

    def blocked(self) -> bool:
        """Whether the ticket waits for people and none of them can act: the guardian's case, never a silent one."""
        waiting = [visit for visit in self.opened() if visit.type in PEOPLE]
        others = [visit for visit in self.opened() if visit.type not in (*PEOPLE, "parallel")]
        able = [seat for visit in waiting for seat in visit.pending() if seat.who not in self.company.left]
        return self.state == "approving" and not able and not others

    # ---- walking

    def _start(self) -> None:
        self.trail, self.later, self.state = [], None, "approving"
        self._chain(self.tree.chain, 0, None)
        self._judge()

    def _chain(self, chain: list[Node], index: int, holder: tuple[str, int] | None) -> None:
        if index < len(chain):
            self._enter(chain[index]["node"])
        elif holder is None:
            pass  # the end; _judge sees that nothing is open
        elif self.tree.node(holder[0])["type"] == "branch":
            self._after(holder[0])
        else:
            fork = next(visit for visit in self.opened() if visit.node == holder[0])
            fork.arrived.add(holder[1])
            if len(fork.arrived) == len(self.tree.node(fork.node)["branches"]):
                fork.state = "done"
                self._after(fork.node)

    def _after(self, key: str) -> None:
        place = self.tree.places[key]
        self._chain(place.chain, place.index + 1, place.holder)

    def _visit(self, key: str) -> Visit:
        node = self.tree.node(key)
        earlier = sum(visit.node == key for visit in self.visits)
        visit = Visit(key, node["type"], earlier + 1, self.company.now)
        if "due" in node:
            visit.due = self.company.now + minutes(node["due"])
        self.visits.append(visit)
        return visit

    def _enter(self, key: str, later: Later | None = None) -> None:
        node = self.tree.node(key)
        visit = self._visit(key)
        visit.later = later
        if node["type"] in PEOPLE:
            self._ask(visit, node)
        elif node["type"] in ("cc", "webhook"):
            self._done(visit)
        elif node["type"] == "branch":
            visit.state = "done"
            self.trail.append(key)
            self._chain(node["cases"][case_of(node, self.form)]["chain"], 0, (key, case_of(node, self.form)))
        elif node["type"] == "parallel":
            for number, branch in enumerate(node["branches"]):
                self._chain(branch["chain"], 0, (key, number))
        elif node["type"] == "automation":
            visit.job = "waiting"
        elif node["type"] == "wait":
            visit.due = self.company.now + minutes(node["for"])
        elif node["type"] == "subticket":
            self._make_children(visit, node)

    def _done(self, visit: Visit, state: str = "done") -> None:
        """A token leaves its node: to what waits behind a `here`, else to what comes after."""
        visit.state = state
        for seat in visit.seats:
            if seat.state in ("pending", "asleep"):
                seat.state = "cancelled"
        if visit.node not in self.trail:
            self.trail.append(visit.node)
        if visit.later is None:
            self._after(visit.node)
        else:
            self._reopen(visit.later)

    def _reopen(self, later: Later) -> None:
        for fork, arrived in later.arrived.items():
            self._visit(fork).arrived = set(arrived)
        for key, behind in later.nodes:
            self._enter(key, behind)

    def _close(self, visits: list[Visit]) -> None:
        for visit in visits:
            visit.state = "closed"
            for seat in visit.seats:
                if seat.state in ("pending", "asleep"):
                    seat.state = "cancelled"
            for child in visit.children:
                child.end("withdrawn", tell=False)

    def _judge(self) -> None:
        """The ticket's state follows from what is open."""
        if self.state in (*FINAL, "returned"):
            return
        jobs = [visit.job for visit in self.opened() if visit.type == "automation"]
        if not self.opened():
            self.end("completed")
        elif "failed" in jobs:
            self.state = "failed"
        else:
            self.state = "executing" if jobs else "approving"

    def end(self, state: str, *, tell: bool = True) -> None:
        """A final state; open children go with it, the parent hears of it."""
        if self.state in FINAL:
            return
        self.state = state
        self._close(self.opened())
        if state != "completed":
            for child in self.children():
                child.end("withdrawn", tell=False)
        if tell and self.parent is not None:
            self.parent.child_ended()

    # ---- people

    def _may_sign(self, node: Node, who: str) -> bool:
        """The applicant and who edited what will run never sign (I3)."""
        return node["type"] != "approval" or (who != self.applicant and who not in self.editors)

    def _above(self, node: Node, who: str, besides: set[str]) -> list[str]:
        """Escalation: the nearest manager who may, last the administrators."""
        able = [
            person
            for person in self.company.line(who)
            if person not in besides and person != self.applicant and self._may_sign(node, person)
        ]
        admins = [
            person
            for person in self.company.active(self.company.admins)
            if person not in besides and person != self.applicant and self._may_sign(node, person)
        ]
        return able[:1] or admins

    def _people(self, node: Node) -> list[str] | None:
        """Whom a node asks; None where the template lets it pass."""
        rules = node.get("approvers") or node["assignees"]
        people = self.company.found(rules, self.applicant, self.form, self.chosen.get(node["node"], []))
        own = node.get("on_self", "escalate")
        able = [who for who in people if self._may_sign(node, who) or (who == self.applicant and own == "allow")]
        if able:
            return able
        if people:
            return None if own == "approve" and people == [self.applicant] else self._above(node, self.applicant, set())
        if node.get("on_empty") == "approve":
            return None
        return [] if node.get("on_empty") == "block" else self._above(node, self.applicant, set())

    def _ask(self, visit: Visit, node: Node) -> None:
        people = self._people(node)
        if people is None:
            self._done(visit, "skipped")
            return
        visit.seats = [Seat(who, "asleep") for who in people]
        for seat in visit.seats:
            if node["type"] == "approval" and self._signed_before(seat.who, node):
                seat.state = "passed"
        self._go_on(visit, "skipped")

    def _signed_before(self, who: str, node: Node) -> bool:
        dedup = node.get("dedup", self.document.get("dedup", "none"))
        if dedup == "all":
            return any(who == signer for signer, _node in self.signed)
        before = self._approval_before(node["node"])
        return dedup == "adjacent" and before is not None and (who, before) in self.signed

    def _approval_before(self, key: str) -> str | None:
        """The approval that stands directly before a node on the way it came."""
        for earlier in reversed(self.trail):
            if self.tree.node(earlier)["type"] == "approval" and self._leads_to(earlier, key):
                return earlier
        return None

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
        mode, base = self.mode(self.tree.node(visit.node)), visit.base()
        complete = sum(visit.complete(seat) for seat in base)
        if mode == "any":
            return complete >= 1
        need = math.ceil(mode["ratio"] * len(base) - 1e-9) if isinstance(mode, dict) else len(base)
        return bool(base) and complete >= need

    def _go_on(self, visit: Visit, state: str = "done") -> None:
        """After anything that happened at a node: it is done, or it asks whoever is next."""
        if self._enough(visit):
            self._done(visit, state)
            return
        base = visit.base()
        one_by_one = self.mode(self.tree.node(visit.node)) == "sequence"
        for index, seat in enumerate(base):
            if seat.state == "asleep" and one_by_one and not all(visit.complete(other) for other in base[:index]):
                continue
            if seat.state == "asleep" and one_by_one and index and seat.who in self.company.left:
                seat.state = "cancelled"
                self._go_on_without(visit)
                return
            if seat.state == "asleep":
                seat.state = "pending"
        for seat in visit.standing():
            if seat.state == "asleep" and seat.added_to is not None and seat.added_to.state == "approved":
                seat.state = "pending"

    def _go_on_without(self, visit: Visit) -> None:
        """Somebody later in a sequence has left; where nobody is left to ask, it goes upwards, never through."""
        if any(seat.state in ("asleep", "pending") for seat in visit.base()):
            self._go_on(visit)
            return
        node = self.tree.node(visit.node)
        for who in self._above(node, self.applicant, visit.sitting()):
            visit.seats.append(Seat(who))

    # ---- deciding

    def _require(self, visit: Visit, seat: Seat, actor: str, *, signs: bool = False) -> None:
        """Who may touch a seat at all."""
        node = self.tree.node(visit.node)
        if actor != seat.who and not self.company.acts_for(actor, seat.who):
            raise Refused("not_found", "not_your_task")
        allowed = node.get("on_self") == "allow" and seat.who == actor
        if node["type"] == "approval" and actor == self.applicant and not allowed:
            raise Refused("own_ticket")
        if node["type"] == "approval" and actor in self.editors:
            raise Refused("own_ticket", "not_allowed", "not_your_task", "edited_content")
        if seat.state != "pending" or visit.state != "open":
            raise Refused("task_already_decided")
        if signs and actor in visit.signers():
            raise Refused("second_seat")

    def approve(self, visit: Visit, seat: Seat, actor: str, edit: dict[str, Any] | None = None) -> None:
        """Yes, at an approval or a confirmation; perhaps with changed fields."""
        self._require(visit, seat, actor, signs=True)
        before = [one for one in visit.standing() if one.added_to is seat and one.position == "before"]
        if not all(visit.complete(one) for one in before):
            raise Refused("wrong_state")
        if edit and self._edit(visit, actor, edit):
            return
        seat.state = "approved" if visit.type == "approval" else "confirmed"
        seat.signer = actor
        if visit.type == "approval":
            self.signed.append((actor, visit.node))
        self._go_on(visit)
        self._judge()

    def _edit(self, visit: Visit, actor: str, edit: dict[str, Any]) -> bool:
        """Change fields on the way. Whether everything has to be signed anew."""
        fields = {field["key"]: field for field in self.document["form"]}
        if any(visit.node not in fields[key].get("editable_at", []) for key in edit):
            raise Refused("invalid")
        changed = {**self.form, **edit}
        if changed == self.form:
            return False
        if self._meaning(changed) != self._meaning(self.form) and self.running():
            raise Refused("already_running")
        anew = self._meaning(changed) != self._meaning(self.form)
        self.form, self.content = changed, self.content + 1
        if anew:
            self.signed = []
            self.editors.add(actor)
            self._close(self.opened())
            self._start()
        return anew

    def _meaning(self, form: dict[str, Any]) -> tuple[Any, ...]:
        """What the signatures so far were given for: jobs, children, and the way up to here."""
        route = list(self.tree.route(form))
        plans = {node["node"]: form["hosts"] for node in route if node["type"] == "automation"}
        children = {node["node"]: self._forms(node, form) for node in route if node["type"] == "subticket"}
        way = [
            (key, case_of(self.tree.node(key), form)) for key in self.trail if self.tree.node(key)["type"] == "branch"
        ]
        return plans, children, way

    def veto(self, visit: Visit, seat: Seat, actor: str) -> None:
        """No, for good."""
        self._require(visit, seat, actor)
        if visit.type != "approval":
            raise Refused("wrong_state")
        if self.running():
            raise Refused("already_running")
        seat.state = "vetoed"
        self.end("vetoed")

    def give_back(self, visit: Visit, seat: Seat, actor: str, to: str, resume: str) -> None:
        """Return, to the applicant or to an earlier node."""
        self._require(visit, seat, actor)
        if seat.who == self.applicant:
            raise Refused("wrong_state")
        if self.running():
            raise Refused("already_running")
        if to == "applicant":
            self.later = self._snapshot(self.opened()) if resume == "here" else None
            self.state = "returned"
            seat.state = "returned"
            self._close(self.opened())
            return
        if to not in self.targets(visit):
            raise Refused("invalid", "wrong_state")
        region = self.tree.within(to)
        closing = [one for one in self.opened() if self.tree.inside(one.node, region)]
        later = self._snapshot(closing) if resume == "here" else None
        seat.state = "returned"
        self._close(closing)
        if resume != "here":
            self._forget(to)
        self._enter(to, later)
        self._judge()

    def targets(self, visit: Visit) -> list[str]:
        """Where a node may return to: who was really asked before it in this pass, not across a job that began."""
        found = []
        for key in self.trail:
            region = self.tree.within(key)
            asked = self.tree.node(key)["type"] in PEOPLE and self._latest(key).state == "done"
            if key != visit.node and asked and self.tree.inside(visit.node, region):
                behind = self.trail[self.trail.index(key) :]
                begun = [one for one in behind if self.tree.node(one)["type"] == "automation"]
                broken = [one.node for one in self.opened() if one.job in ("running", "failed")]
                if not any(self.tree.inside(one, region) for one in begun + broken):
                    found.append(key)
        return found

    def _latest(self, key: str) -> Visit:
        return [visit for visit in self.visits if visit.node == key][-1]

    def _forget(self, key: str) -> None:
        """Take a node off the trail, and what came behind it."""
        region, cut = self.tree.within(key), self.trail.index(key)
        behind = [one for one in self.trail[cut:] if self.tree.inside(one, region)]
        self.trail = [one for one in self.trail if one not in behind]

    def _snapshot(self, visits: list[Visit]) -> Later:
        forks = {visit.node: set(visit.arrived) for visit in visits if visit.type == "parallel"}
        return Later([(visit.node, visit.later) for visit in visits if visit.type != "parallel"], forks)

    def transfer(self, visit: Visit, seat: Seat, actor: str, users: list[str]) -> None:
        """Hand a seat on; what was added to it stays with it."""
        self._require(visit, seat, actor)
        self._require_able(visit, users)
        self._replace(visit, seat, users)

    def _require_able(self, visit: Visit, users: list[str]) -> None:
        node, sitting = self.tree.node(visit.node), visit.sitting()
        known = set(self.company.departments)
        wrong = [
            who
            for who in users
            if who not in known
            or who in self.company.left
            or who in sitting
            or who == self.applicant
            or not self._may_sign(node, who)
        ]
        if wrong or not users or len(set(users)) != len(users):
            raise Refused("invalid")

    def _replace(self, visit: Visit, seat: Seat, users: list[str]) -> None:
        seat.state = "transferred"
        heirs = [Seat(who, "pending", seat.added_to, seat.position) for who in users]
        at = visit.seats.index(seat) + 1
        visit.seats[at:at] = heirs
        for other in visit.seats:
            if other.added_to is seat:
                other.added_to = heirs[0]

    def add_sign(self, visit: Visit, seat: Seat, actor: str, users: list[str], position: str) -> None:
        """Ask more people: before, after, or with this signature."""
        self._require(visit, seat, actor)
        if visit.type != "approval":
            raise Refused("wrong_state")
        self._require_able(visit, users)
        state = "asleep" if position == "after" else "pending"
        visit.seats += [Seat(who, state, seat, position) for who in users]

    def remove_sign(self, visit: Visit, seat: Seat, actor: str, users: list[str]) -> None:
        """Take back signatures that were added to this seat and not given yet."""
        self._require(visit, seat, actor)
        if visit.type != "approval":
            raise Refused("wrong_state")
        gone = [one for one in visit.seats if one.added_to is seat and one.who in users]
        gone = [one for one in gone if one.state in ("pending", "asleep")]
        if {one.who for one in gone} != set(users) or not users:
            raise Refused("invalid", "wrong_state", "task_already_decided")
        for one in gone:
            self._remove(visit, one)

    def _remove(self, visit: Visit, seat: Seat) -> None:
        for other in visit.standing():
            if other.added_to is seat:
                self._remove(visit, other)
        if seat.state in ("pending", "asleep"):
            seat.state = "cancelled"

    def reassign(self, actor: str, key: str, users: list[str]) -> None:
        """An administrator puts others in the place of everybody who is asked at a node."""
        if actor not in self.company.admins:
            raise Refused("not_allowed", "not_found")
        visit = next((one for one in self.opened() if one.node == key and one.type in PEOPLE), None)
        if visit is None:
            raise Refused("wrong_state", "invalid")
        if actor in users:
            raise Refused("invalid")
        self._require_able(visit, users)
        for seat in visit.pending():
            seat.state = "transferred"
        visit.seats += [Seat(who) for who in users]

    # ---- the applicant

    def withdraw(self, actor: str) -> None:
        """Take it back."""
        if actor != self.applicant:
            raise Refused("not_allowed", "not_found")
        if self.state in FINAL:
            raise Refused("wrong_state")
        if self.running():
            raise Refused("already_running")
        self.end("withdrawn")

    def resubmit(self, actor: str, form: dict[str, Any] | None) -> None:
        """Hand it in again: unchanged it may come straight back, changed everybody signs anew (I5)."""
        if actor != self.applicant:
            raise Refused("not_allowed", "not_found")
        if self.state != "returned":
            raise Refused("wrong_state")
        if form is not None and form != self.form:
            self.form, self.content, self.signed = form, self.content + 1, []
            self._start()
        elif self.later is None:
            self._start()
        else:
            later, self.later, self.state = self.later, None, "approving"
            self._reopen(later)
            self._judge()

    # ---- the machine, time, children

    def job(self, verb: str) -> None:
        """begin, done, broken: what an executor says of the newest automation."""
        visit = next((one for one in reversed(self.opened()) if one.type == "automation"), None)
        if visit is None:
            raise Refused("wrong_state", "already_running", "not_found", "execution_refused")
        if verb == "begin":
            if visit.job != "waiting":
                raise Refused("already_running")
            visit.job = "running"
        elif visit.job != "running":
            raise Refused("wrong_state", "already_running")
        elif verb == "done":
            visit.job = "done"
            self._done(visit)
        else:
            visit.job = "failed"
        self._judge()

    def resolve(self) -> None:
        """An operator says that a failed job is all right."""
        visit = next((one for one in reversed(self.opened()) if one.type == "automation"), None)
        if visit is None or visit.job != "failed":
            raise Refused("wrong_state", "already_running", "not_found")
        visit.job = "done"
        self._done(visit)
        self._judge()

    def alarm(self) -> Visit | None:
        """The visit whose moment has come first, if any has."""
        due = [visit for visit in self.opened() if visit.due is not None and visit.due <= self.company.now]
        return min(due, key=lambda visit: visit.due or 0, default=None)

    def fire(self, visit: Visit) -> None:
        """What the template says of a step that nobody took in time; once."""
        visit.due = None
        node = self.tree.node(visit.node)
        action = "go on" if node["type"] == "wait" else node.get("on_timeout", "remind")
        if action in ("go on", "approve"):
            self._done(visit)
        elif action == "veto":
            if self.running():
                return
            self.end("vetoed")
        elif action == "escalate":
            self._hand_on(visit, lambda seat: self._above(node, seat.who, visit.sitting()))
        elif isinstance(action, dict):
            people = self.company.found([action["transfer"]], self.applicant, self.form, [])
            self._hand_on(visit, lambda seat: self._free(visit, node, people))
        self._judge()

    def _free(self, visit: Visit, node: Node, people: list[str]) -> list[str]:
        sitting = visit.sitting()
        return [who for who in people if who not in sitting and who != self.applicant and self._may_sign(node, who)]

    def _hand_on(self, visit: Visit, to: Callable[[Seat], list[str]]) -> None:
        for seat in visit.pending():
            people = to(seat)
            if people:
                self._replace(visit, seat, people)

    def _forms(self, node: Node, form: dict[str, Any]) -> list[dict[str, Any]]:
        """The forms of the children that a sub-ticket node makes."""
        items = form["hosts"] if node.get("for_each") == "form.hosts" else [""]
        return [{key: value_of(value, form, item) for key, value in node["form"].items()} for item in items]

    def _make_children(self, visit: Visit, node: Node) -> None:
        wait = node.get("wait", "all")
        for form in self._forms(node, self.form):
            child = Model(self.company, self.templates, key=node["template"], form=form, applicant=self.applicant)
            child.parent = self
            visit.children.append(child)
        self._count_children(visit, node, wait)

    def child_ended(self) -> None:
        """A child is final: whoever waits for it looks again."""
        for visit in self.opened():
            if visit.type == "subticket" and visit.state == "open":
                node = self.tree.node(visit.node)
                self._count_children(visit, node, node.get("wait", "all"))
        self._judge()

    def _count_children(self, visit: Visit, node: Node, wait: str) -> None:
        states = [child.state for child in visit.children]
        failed = any(state in ("vetoed", "withdrawn") for state in states)
        what = node.get("on_child_failure", "return")
        if wait == "none" or (wait == "any" and "completed" in states):
            self._done(visit)
        elif failed and what == "veto" and not self.running():
            self.end("vetoed")
        elif failed and what == "return" and not self.running():
            self.later, self.state = None, "returned"
            self._close(self.opened())
        elif all(state in FINAL for state in states):
            self._done(visit)


def value_of(value: Any, form: dict[str, Any], item: str) -> Any:
    """The few expressions that random templates map to children."""
    if not isinstance(value, str):
        return value
    return {"form.n": lambda: form["n"], "form.flag": lambda: form["flag"], "item": lambda: item}[value]()


def minutes(duration: str) -> int:
    """30m, 4h."""
    return int(duration[:-1]) * {"m": 1, "h": 60}[duration[-1]]


__all__ = ["FINAL", "PEOPLE", "Model", "Refused", "places"]
