"""How a ticket of the model walks its chain: what it enters, whom it asks, what closes, when it ends."""

from typing import Any

from tests.model.case import Case
from tests.model.parts import FINAL, PEOPLE, Later, Seat, Visit, minutes
from tests.model.tree import Node, case_of


class Walk(Case):
    """Recursion over the nested document; the tokens are the open visits."""

    def _start(self) -> None:
        self._withdraw_all()
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
        visit = Visit(key, node["type"], earlier + 1)
        self.visits.append(visit)
        return visit

    def _enter(self, key: str, later: Later | None = None, *, anew: bool = False) -> None:
        """anew: somebody wants these people to look again, whatever they have signed before."""
        node = self.tree.node(key)
        visit = self._visit(key)
        visit.later = later
        if node["type"] in PEOPLE:
            self._ask(visit, node, anew=anew)
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
            visit.alarms = {self.company.now + minutes(node["for"])}
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

    def _snapshot(self, visits: list[Visit]) -> Later:
        forks = {visit.node: set(visit.arrived) for visit in visits if visit.type == "parallel"}
        return Later([(visit.node, visit.later) for visit in visits if visit.type != "parallel"], forks)

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
            self._withdraw_children(visit.children)

    def _withdraw_all(self) -> None:
        self._withdraw_children(self.children())

    def _withdraw_children(self, children: list["Walk"]) -> None:
        for child in children:
            child.end("withdrawn")
            child._withdraw_all()

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

    def end(self, state: str) -> None:
        """A final state; open children go with it."""
        if self.state in FINAL:
            return
        self.state = state
        self._close(self.opened())
        if state != "completed":
            self._withdraw_all()

    def _ask(self, visit: Visit, node: Node, *, anew: bool) -> None:
        people = self._people(node)
        if people is None:
            self._done(visit, "skipped")
            return
        visit.seats = [Seat(who, "asleep") for who in people]
        for seat in visit.seats:
            if node["type"] == "approval" and not anew and self._signed_before(seat.who, node):
                seat.state = "passed"
        passed = sum(seat.state == "passed" for seat in visit.seats)
        if passed and passed >= self._need(visit, len(people)):
            self._done(visit, "skipped")
        else:
            self._go_on(visit)

    def _go_on(self, visit: Visit) -> None:
        """After anything that happened at a node: it is done, or it asks whoever is next."""
        for seat in visit.standing():
            if seat.state == "asleep" and seat.added_to and seat.added_to.state == "approved" and self._has_left(seat):
                seat.state = "cancelled"
        if self._enough(visit):
            self._done(visit)
            return
        base = visit.base()
        one_by_one = self.mode(self.tree.node(visit.node)) == "sequence"
        for index, seat in enumerate(base):
            if seat.state == "asleep" and one_by_one and not all(visit.complete(other) for other in base[:index]):
                continue
            if seat.state == "asleep" and one_by_one and self._has_left(seat):
                seat.state = "cancelled"
                self._go_on_without(visit)
                return
            if seat.state == "asleep":
                self._wake(visit, seat)
        for seat in visit.standing():
            if seat.state == "asleep" and seat.added_to is not None and seat.added_to.state == "approved":
                self._wake(visit, seat)

    def _has_left(self, seat: Seat) -> bool:
        return seat.who in self.company.left

    def _go_on_without(self, visit: Visit) -> None:
        """Somebody later in a sequence has left; where nobody is left to ask, it goes upwards, never through."""
        if any(seat.state in ("asleep", "pending") for seat in visit.base()):
            self._go_on(visit)
            return
        node = self.tree.node(visit.node)
        asked = {seat.who for seat in visit.seats if seat.state != "asleep"}
        for who in self._above(node, self.applicant, asked):
            visit.seats.append(Seat(who))
            self._wake(visit, visit.seats[-1])

    def _wake(self, visit: Visit, seat: Seat) -> None:
        """Ask somebody now; the node's time begins for him."""
        node = self.tree.node(visit.node)
        seat.state = "pending"
        if "due" in node:
            seat.due = self.company.now + minutes(node["due"])
            visit.alarms.add(seat.due)

    def _make_children(self, visit: Visit, node: Node) -> None:
        wait = node.get("wait", "all")
        for form in self._forms(node, self.form):
            mine: dict[str, Any] = {"applicant": self.applicant, "parent": self}
            visit.children.append(type(self)(self.company, self.templates, key=node["template"], form=form, **mine))
        if wait == "none" or not visit.children:
            self._done(visit)

    def hear(self) -> bool:
        """Whoever waits for children looks again, once for each that has ended; whether any had."""
        heard = False
        for one in reversed(list(self.family())):
            for visit in one.opened():
                ended = sum(child.state in FINAL for child in visit.children)
                if visit.state == "open" and ended > visit.heard:
                    visit.heard, heard = ended, True
                    one.count_children(visit)
        return heard

    def count_children(self, visit: Visit) -> None:
        """Go on, go back, or keep waiting, as the node says."""
        node = self.tree.node(visit.node)
        wait = node.get("wait", "all")
        states = [child.state for child in visit.children]
        over = all(state in FINAL for state in states)
        failed = any(state in ("vetoed", "withdrawn") for state in states) and (wait == "all" or over)
        what = node.get("on_child_failure", "return")
        if wait == "any" and "completed" in states:
            self._done(visit)
        elif failed and what == "veto" and not self.running():
            self.end("vetoed")
        elif failed and what == "return" and not self.running():
            self.later, self.state = None, "returned"
            self._close(self.opened())
        elif over:
            self._done(visit)
        self._judge()
