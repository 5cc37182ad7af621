"""How a ticket of the model walks its chain: nodes entered, people asked, visits closed, the end."""

from typing import Any

from tests.model.case import Case
from tests.model.parts import FINAL, PEOPLE, Seat, Visit, minutes
from tests.model.tree import Node, case_of


class Walk(Case):
    """Recursion over the nested document; the tokens are the open visits."""

    def _start(self) -> None:
        self._withdraw_all()
        self.trail, self.later, self.state = [], set(), "approving"
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
                self._leave(fork)

    def _after(self, key: str) -> None:
        place = self.tree.places[key]
        self._chain(place.chain, place.index + 1, place.holder)

    def _leave(self, visit: Visit) -> None:
        """Leave a completed node: go on, or to the nodes to come back to."""
        if visit.later:
            place = self.tree.places[visit.node]
            self._seek(place.chain, place.index + 1, place.holder, visit.later)
        else:
            self._after(visit.node)

    def _seek(self, chain: list[Node], index: int, holder: tuple[str, int] | None, ahead: set[str]) -> None:
        """Skip completed nodes until those to come back to."""
        for node in chain[index:]:
            key = node["node"]
            inside = {one for one in ahead if one != key and self._is_in(one, key)}
            if node["type"] == "branch" and inside:
                case = case_of(node, self.form)
                self._seek(node["cases"][case]["chain"], 0, (key, case), ahead)
                return
            if node["type"] == "parallel" and inside:
                self._into(node, inside, ahead - inside - {key})
                return
            if key in ahead:
                self._again(key, ahead - {key})
                return
        assert holder is not None
        assert self.tree.node(holder[0])["type"] == "branch"
        place = self.tree.places[holder[0]]
        self._seek(place.chain, place.index + 1, place.holder, ahead)

    def _is_in(self, key: str, outer: str) -> bool:
        holder = self.tree.places[key].holder
        return holder is not None and (holder[0] == outer or self._is_in(holder[0], outer))

    def _into(self, node: Node, inside: set[str], behind: set[str]) -> None:
        """Come back into the branches of a fork where somebody is asked; the others have arrived."""
        key = node["node"]
        mine = {
            number: {one for one in inside if (key, number) in self.tree.within(one)}
            for number in range(len(node["branches"]))
        }
        fork = next((visit for visit in self.opened() if visit.node == key), None)
        if fork is None:
            fork = self._visit(key)
            fork.arrived = {number for number, found in mine.items() if not found}
        fork.arrived -= {number for number, found in mine.items() if found}
        fork.later |= behind
        for number, found in mine.items():
            if found:
                self._seek(node["branches"][number]["chain"], 0, (key, number), found)

    def _again(self, key: str, later: set[str]) -> None:
        """Come back to a node with its earlier seats; signatures that still stand are kept."""
        node = self.tree.node(key)
        before = next((visit for visit in reversed(self.visits) if visit.node == key), None)
        if before is None or node["type"] not in PEOPLE or not any(one.state != "passed" for one in before.seats):
            self._enter(key, later)
            return
        visit = self._visit(key)
        visit.later = later
        copies: dict[int, Seat] = {}
        for seat in before.seats:
            if seat.state in ("transferred", "cancelled", "vetoed"):
                continue
            copy = Seat(seat.who, "asleep", copies.get(id(seat.added_to)), seat.position)
            if seat.state == "passed" and self._signed_before(seat.who, node):
                copy.state = "passed"
            elif self._stands(seat, key):
                copy.state, copy.signer, copy.content, copy.kept = seat.state, seat.signer, seat.content, True
                if node["type"] == "approval" and seat.signer:
                    self.signed.append((copy, visit))
            copies[id(seat)] = copy
        visit.seats = list(copies.values())
        in_turn = self.mode(node) == "sequence"
        for seat in visit.seats:
            sits = not in_turn if seat.added_to is None else seat.added_to.state in ("pending", "approved", "confirmed")
            if seat.state == "asleep" and sits and seat.position != "after":
                self._wake(visit, seat)
        self._go_on(visit)

    def _visit(self, key: str) -> Visit:
        node = self.tree.node(key)
        earlier = sum(visit.node == key for visit in self.visits)
        visit = Visit(key, node["type"], earlier + 1)
        self.visits.append(visit)
        return visit

    def _enter(self, key: str, later: set[str] = frozenset(), *, anew: bool = False) -> None:  # type: ignore[assignment]
        """anew: these people must look again, whatever they have signed before."""
        node = self.tree.node(key)
        visit = self._visit(key)
        visit.later = set(later)
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
        """Complete a visit; go to the nodes to come back to, else to the next one."""
        visit.state = state
        for seat in visit.seats:
            if seat.state in ("pending", "asleep"):
                seat.state = "cut"
        if visit.node not in self.trail:
            self.trail.append(visit.node)
        self._leave(visit)

    def _places(self, visits: list[Visit]) -> set[str]:
        """The nodes of these visits, and the nodes that they come back to."""
        return {visit.node for visit in visits} | {key for visit in visits for key in visit.later}

    def _close(self, visits: list[Visit]) -> None:
        for visit in visits:
            visit.state = "closed"
            for seat in visit.seats:
                if seat.state in ("pending", "asleep"):
                    seat.state = "cut"
            self._withdraw_children(visit.children)

    def _withdraw_all(self) -> None:
        self._withdraw_children(self.children())

    def _withdraw_children(self, children: list["Walk"]) -> None:
        for child in children:
            child.end("withdrawn")
            child._withdraw_all()

    def _judge(self) -> None:
        """Set the ticket's state from its open visits."""
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
        """End in a final state; open children are withdrawn."""
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
        """After any act at a node: complete it, or ask the next people."""
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
        """A later person of a sequence has left; if nobody is left, escalate."""
        if any(seat.state in ("asleep", "pending") for seat in visit.base()):
            self._go_on(visit)
            return
        node = self.tree.node(visit.node)
        asked = {seat.who for seat in visit.seats if seat.state != "asleep"}
        for who in self._above(node, self.applicant, asked):
            visit.seats.append(Seat(who))
            self._wake(visit, visit.seats[-1])

    def _wake(self, visit: Visit, seat: Seat) -> None:
        """Ask a person now; the node's deadline starts for them."""
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
        """Check visits that wait for children, once per ended child; returns whether any child had ended."""
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
            self.later, self.state = set(), "returned"
            self._close(self.opened())
        elif over:
            self._done(visit)
        self._judge()
