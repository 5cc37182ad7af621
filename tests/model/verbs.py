"""Acts of people at a node: each changes the ticket or raises Refused."""

from typing import Any

from tests.model.parts import PEOPLE, Refused, Seat, Visit
from tests.model.walk import Walk


class Verbs(Walk):
    """Sign, return, hand over, add signatures."""

    def _require(self, visit: Visit, seat: Seat, actor: str, *, signs: bool = False) -> None:
        """Check who may act on a seat."""
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
        """Approve or confirm; with optional changes of fields."""
        self._require(visit, seat, actor, signs=True)
        before = [one for one in visit.standing() if one.added_to is seat and one.position == "before"]
        if not all(visit.complete(one) for one in before):
            raise Refused("wrong_state")
        fallen = self._edit(visit, actor, edit) if edit else set()
        if fallen is None:
            return
        seat.state = "approved" if visit.type == "approval" else "confirmed"
        seat.signer, seat.content = actor, self.content
        if visit.type == "approval":
            self.signed.append((seat, visit))
        if fallen:
            self._ask_again(fallen)
        if visit.state == "open":
            self._go_on(visit)
        self._judge()

    def _edit(self, visit: Visit, actor: str, edit: dict[str, Any]) -> set[str] | None:
        """Change fields during approval. Returns the nodes to ask again; None if the chain restarts."""
        changed = {**self.form, **edit}
        touched = [key for key in edit if changed[key] != self.form.get(key)]
        fields = {field["key"]: field for field in self.document["form"]}
        if any(visit.node not in fields.get(key, {}).get("editable_at", []) for key in touched):
            raise Refused("invalid")
        if not touched:
            return set()
        if actor == self.applicant and self._is_signed() and any(self.form.get(key) is not None for key in touched):
            raise Refused("invalid")  # the applicant may fill empty fields, but not change what others have signed
        passed = [*self.trail, *self._places(self.opened())]
        anew = self._meaning(changed, self.trail) != self._meaning(self.form, self.trail)
        anew = anew or self._asked_for(changed, passed) != self._asked_for(self.form, passed)
        if anew and self.is_child:
            raise Refused("fixed_by_parent")  # what the parent's approvers signed must stay
        if anew and self.running():
            raise Refused("already_running")
        own = self.tree.node(visit.node).get("on_edit")
        weighs = bool({"n", "who", "hosts"} & {*touched})
        fallen = self._fallen(own or ("ask_again" if weighs else "inform"), self._places(self.opened()))
        self.form, self.content = changed, self.content + 1
        if anew:
            self._void()
            self.editors.add(actor)
            self._close(self.opened())
            self._start()
            return None
        self.since |= dict.fromkeys(fallen, self.content)
        return fallen

    def _is_signed(self) -> bool:
        return any(
            seat.state == "approved" and self._stands(seat, one.node) for one in self.visits for seat in one.seats
        )

    def _void(self) -> None:
        self.signed, self.since, self.base = [], {}, self.content

    def _fallen(self, usual: str, places: set[str]) -> set[str]:
        """The nodes to ask again after a change that affects no job: the node's own `on_edit`, else the usual one."""
        found = set()
        for key in {*self.trail, *places} - self._before_jobs():
            node = self.tree.node(key)
            signed = node["type"] in PEOPLE and any(
                self._stands(seat, key) for one in self.visits[::-1] if one is self._newest(key) for seat in one.seats
            )
            if signed and node.get("on_edit", usual if node["type"] == "approval" else "inform") == "ask_again":
                found.add(key)
        return found

    def _newest(self, key: str) -> Visit | None:
        return next((visit for visit in reversed(self.visits) if visit.node == key), None)

    def _before_jobs(self) -> set[str]:
        """The nodes before jobs that have begun; they are not asked again."""
        passed = {*self.trail, *self._places(self.opened())}
        begun = [key for key in passed if (one := self._newest(key)) is not None and one.began]
        return {key for key in passed for job in begun if self._precedes(key, job)}

    def _done_again(self, fallen: set[str], places: set[str]) -> set[str]:
        """The completed nodes to ask again: the fallen ones, and those passed because of a signature."""
        if not fallen:
            return set()
        done = {*self.trail} - places - self._before_jobs()
        return {key for key in done if key in fallen or self._leans(key)}

    def _leans(self, key: str) -> bool:
        node, visit = self.tree.node(key), self._newest(key)
        if node["type"] != "approval" or visit is None or node.get("dedup", self.document.get("dedup")) == "none":
            return False
        return visit.state == "skipped" or any(seat.state == "passed" for seat in visit.seats)

    def _ask_again(self, fallen: set[str]) -> None:
        """Ask again, as after a return with `here`."""
        again = self._done_again(fallen, self._places(self.opened()))
        for key in sorted(again):
            around = self.tree.within(key)
            for one in self.opened():
                here = self.tree.within(one.node)
                if here == around[: len(here)] and self._precedes(one.node, key):
                    one.later.add(key)
                    again.discard(key)
                    break
        closing = [
            one for one in self.opened() if one.node in fallen or any(self._precedes(key, one.node) for key in again)
        ]
        ahead = again | self._places(closing)
        self._close(closing)
        if ahead:
            self._seek(self.tree.chain, 0, None, ahead)

    def veto(self, visit: Visit, seat: Seat, actor: str) -> None:
        """Veto the ticket."""
        self._require(visit, seat, actor)
        if visit.type != "approval":
            raise Refused("wrong_state")
        if self.running():
            raise Refused("already_running")
        seat.state = "vetoed"
        self.end("vetoed")

    def give_back(self, visit: Visit, seat: Seat, actor: str, to: str, resume: str) -> None:
        """Return to the applicant or to an earlier node."""
        self._require(visit, seat, actor)
        if seat.who == self.applicant:
            raise Refused("wrong_state")
        if self.running():
            raise Refused("already_running")
        if to == "applicant":
            begun = any(one.began for one in self.opened())
            self.later = self._places(self.opened()) if resume == "here" and not begun else set()
            self.state = "returned"
            seat.state = "returned"
            self._close(self.opened())
            self._withdraw_all()
            return
        if to not in self.targets(visit):
            raise Refused("invalid", "wrong_state")
        region = self.tree.within(to)
        closing = [one for one in self.opened() if self.tree.inside(one.node, region)]
        later = self._places(closing) if resume == "here" else set()
        seat.state = "returned"
        self._close(closing)
        behind = self._behind(to)
        gone = [one for one in self.visits if one.node in behind]
        self._withdraw_children([child for one in gone for child in one.children])
        if resume != "here":
            self.trail = [one for one in self.trail if one not in behind]
        self._enter(to, later, anew=True)
        self._judge()

    def targets(self, visit: Visit) -> list[str]:
        """Return targets of a node: nodes really asked before it in this pass, but not before a job that has begun."""
        found = []
        before = self.trail[: self.trail.index(visit.node)] if visit.node in self.trail else self.trail
        for key in before:
            region = self.tree.within(key)
            asked = self.tree.node(key)["type"] in PEOPLE and self._latest(key).state == "done"
            if asked and self.tree.inside(visit.node, region):
                behind = self.trail[self.trail.index(key) :]
                begun = [one.node for one in self.visits if one.began and (one.node in behind or one.state == "open")]
                if not any(self.tree.inside(one, region) for one in begun):
                    found.append(key)
        return found

    def _behind(self, key: str) -> list[str]:
        """A node on the trail, and all after it in its branch."""
        region, cut = self.tree.within(key), self.trail.index(key)
        return [one for one in self.trail[cut:] if self.tree.inside(one, region)]

    def transfer(self, visit: Visit, seat: Seat, actor: str, users: list[str]) -> None:
        """Transfer a seat; signatures added to it move along."""
        self._require(visit, seat, actor)
        self._require_able(visit, users)
        self._replace(visit, seat, users)

    def _require_able(self, visit: Visit, users: list[str], leaving: set[str] | None = None) -> None:
        node, sitting = self.tree.node(visit.node), visit.sitting() - (leaving or set())
        known = set(self.company.departments)
        wrong = [
            who
            for who in users
            if who not in known or who in self.company.left or who in sitting or not self._may_sign(node, who)
        ]
        if wrong or not users or len(set(users)) != len(users):
            raise Refused("invalid")

    def _replace(self, visit: Visit, seat: Seat, users: list[str], *, late: bool = False) -> None:
        """Replace a seat by others, with the signatures added to it and the remaining time."""
        seat.state = "transferred"
        heirs = [Seat(who, "pending", seat.added_to, seat.position, due=seat.due) for who in users]
        at = visit.seats.index(seat) + 1
        visit.seats[at:at] = heirs
        for heir in heirs:
            if late:
                self._wake(visit, heir)
        self._inherit(visit, seat, heirs[0])

    def _inherit(self, visit: Visit, seat: Seat, heir: Seat) -> None:
        for other in visit.seats:
            if other.added_to is seat:
                other.added_to = heir

    def add_sign(self, visit: Visit, seat: Seat, actor: str, users: list[str], position: str) -> None:
        """Ask more people: before, after, or with this signature."""
        self._require(visit, seat, actor)
        if visit.type != "approval":
            raise Refused("wrong_state")
        self._require_able(visit, users)
        for who in users:
            visit.seats.append(Seat(who, "asleep", seat, position))
            if position != "after":
                self._wake(visit, visit.seats[-1])

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
        gone = [seat for seat in visit.pending() if seat.added_to is None]
        self._require_able(visit, users, leaving={seat.who for seat in gone})
        if not gone:
            for who in users:
                visit.seats.append(Seat(who))
                self._wake(visit, visit.seats[-1])
            return
        self._replace(visit, gone[0], users)
        heir = visit.seats[visit.seats.index(gone[0]) + 1]
        for seat in gone[1:]:
            seat.state = "transferred"
            self._inherit(visit, seat, heir)
