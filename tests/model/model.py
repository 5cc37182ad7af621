"""The reference model: the behaviour of a ticket, written as simply as possible.

Nested documents, dicts, lists and recursion; nothing is compiled, stored or cached, and nothing is imported from the
tested system. Every action either changes the ticket or raises Refused. Time is in minutes.
"""

from typing import Any

from tests.model.parts import FINAL, Refused, Seat, Visit
from tests.model.verbs import Verbs


class Model(Verbs):
    """A ticket from its first step on, with acts of the applicant, the executor and the clock."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._start()

    def withdraw(self, actor: str) -> None:
        """Withdraw the ticket."""
        if actor != self.applicant:
            raise Refused("not_allowed", "not_found")
        if self.state in FINAL:
            raise Refused("wrong_state")
        if self.running():
            raise Refused("already_running")
        self.end("withdrawn")

    def resubmit(self, actor: str, form: dict[str, Any] | None) -> None:
        """Submit again: straight back if requested and plan, people and way are the same; else restart (I05)."""
        if actor != self.applicant:
            raise Refused("not_allowed", "not_found")
        if self.state != "returned":
            raise Refused("wrong_state")
        if (form or self.form).get("who") in self.company.left:
            raise Refused("invalid")  # a form may not name somebody who has left
        if form is not None and form != self.form and self.is_child:
            raise Refused("fixed_by_parent")
        later, self.later, fallen = self.later, set(), set()
        if form is not None and form != self.form:
            keeps = bool(later) and self._whole(form) == self._whole(self.form)
            fallen = self._fallen("inform", later) if keeps else set()
            self.form, self.content = form, self.content + 1
            self.since |= dict.fromkeys(fallen, self.content)
            if not keeps:
                self._void()
                later = set()
        if not later:
            self._start()
            return
        self.state = "approving"
        self._seek(self.tree.chain, 0, None, later | self._done_again(fallen, later))
        self._judge()

    def job(self, verb: str) -> None:
        """begin, done or broken: the executor's report for the newest automation. It may break before it begins."""
        visit = next((one for one in reversed(self.opened()) if one.type == "automation"), None)
        if verb == "begin":
            if visit is None or visit.job != "waiting":
                raise Refused("wrong_state", "already_running", "not_found", "execution_refused")
            visit.job, visit.began = "running", True
        elif visit is not None and visit.job == "running" and verb == "done":
            visit.job = "done"
            self._done(visit)
        elif visit is not None and visit.job == "waiting" and verb == "done":
            raise Refused("wrong_state")
        elif visit is not None and visit.job != "failed":
            visit.job = "failed"
        self._judge()

    def resolve(self) -> None:
        """Resolve a failed job as operator."""
        visit = next((one for one in reversed(self.opened()) if one.type == "automation"), None)
        if visit is None or visit.job != "failed":
            raise Refused("wrong_state", "already_running", "not_found")
        visit.job = "done"
        self._done(visit)
        self._judge()

    def alarm(self) -> tuple[int, Visit] | None:
        """The earliest due alarm and its visit, if any."""
        able = [visit for visit in self.opened() if not (self.running() and self._vetoes(visit))]
        due = [(at, visit) for visit in able for at in visit.alarms if at <= self.company.now]
        return min(due, key=lambda alarm: alarm[0], default=None)

    def _vetoes(self, visit: Visit) -> bool:
        """An alarm that vetoes waits while a job runs."""
        return self.tree.node(visit.node).get("on_timeout") == "veto"

    def fire(self, at: int, visit: Visit) -> None:
        """Apply the template's `on_timeout` to late seats; once."""
        visit.alarms.remove(at)
        node = self.tree.node(visit.node)
        action = node.get("on_timeout", "remind")
        late = [seat for seat in visit.pending() if seat.due is not None and seat.due <= self.company.now]
        if node["type"] == "wait":
            self._done(visit)
        for seat in late:
            if seat.state == "pending" and visit.state == "open":
                self._time_out(visit, seat, action)
        self._judge()

    def _time_out(self, visit: Visit, seat: Seat, action: Any) -> None:
        node = self.tree.node(visit.node)
        asked = {one.who for one in visit.seats}  # people still to be asked get no other seat (I04)
        if action == "approve":
            seat.state = "approved" if visit.type == "approval" else "confirmed"
            seat.content = self.content
            self._go_on(visit)
        elif action == "veto":
            self.end("vetoed")
        elif action == "escalate" or isinstance(action, dict):
            people: list[str] = []
            if isinstance(action, dict):
                named = self.company.found([action["transfer"]], self.applicant, self.form, [])
                people = [who for who in named if who not in asked and self._may_sign(node, who)]
            people = people or self._above(node, seat.who, asked)
            if people:
                self._replace(visit, seat, people, late=True)
