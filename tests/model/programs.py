"""Random programs: steps as plain numbers, interpreted by what is open at that moment.

One step is (verb, a, b, c). The same numbers mean the same to model and engine, so a failing program can be
repeated by its numbers alone.
"""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.model.cast import CAST
from tests.model.model import Model
from tests.model.parts import FINAL, PEOPLE, Seat, Visit

LIKELY = ["approve"] * 14 + ["transfer", "add_sign", "return", "here", "tick", "edit", "proxy", "remove_sign"] * 2
RARE = ["veto", "withdraw", "reassign", "leave", "old", "resubmit", "change", "job", "resolve"]
NUMBER = st.integers(0, 11)
STEP = st.tuples(st.sampled_from(LIKELY + RARE), NUMBER, NUMBER, NUMBER)
PROGRAMS = st.integers(3, 24).flatmap(lambda size: st.lists(STEP, min_size=size, max_size=size))
EDITS = [{"n": 7}, {"n": 0}, {"flag": True}, {"flag": False}, {"n": 3, "flag": True}, {"who": "bob"}]
CHANGES: list[dict[str, Any]] = [{"n": 0}, {"n": 3}, {"n": 7}, {"flag": True}, {"flag": False}, {"who": "bob"}]
Step = tuple[str, int, int, int]


@dataclass
class Act:
    """One attempted act: a verb, its actor, the seat it is about, and further data."""

    verb: str
    actor: str = ""
    visit: Visit | None = None
    seat: Seat | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        about = f"{self.visit.node}/{self.visit.round} of {self.seat.who}" if self.visit and self.seat else ""
        return f"{self.actor or 'the system'}: {self.verb} {about} {self.more or ''}"


def whose(step: Step, model: Model) -> Model:
    """The ticket of the family that a step is about: mostly an open one."""
    _verb, a, b, _c = step
    family: list[Model] = list(model.family())
    opened = [one for one in family if one.state not in FINAL]
    return (opened or family)[b % len(opened or family)] if a < 11 else family[b % len(family)]


def read(step: Step, model: Model) -> Act | None:
    """The act that these numbers mean now; None if it is not possible."""
    _verb, a, b, c = step
    verb = likely(step, model)
    if verb in ("job", "resolve"):
        if not any(visit.type == "automation" for visit in model.visits):
            return None
        return Act(verb, more={"say": ["begin", "done", "begin", "broken"][a % 4]})
    if verb == "tick":
        return Act(verb, more={"minutes": [30, 60, 180][a % 3]})
    if verb in ("withdraw", "resubmit", "change"):
        actor = "alice" if a < 11 else CAST[b % len(CAST)]
        form = {**model.form, **CHANGES[(a + c) % len(CHANGES)]} if verb == "change" else None
        return Act("resubmit" if verb == "change" else verb, actor, more={} if verb == "withdraw" else {"form": form})
    if verb == "leave":
        return Act(verb, more={"who": CAST[1 + b % 7]}) if a < 4 else None
    if verb == "proxy":
        principal, agent = CAST[a % 8], CAST[b % 8]
        useless = principal == agent or {principal, agent} & model.company.left
        return None if useless else Act(verb, more={"principal": principal, "agent": agent})
    if verb == "reassign":
        return _reassign(model, a, b, c)
    return _about_a_seat(verb, model, a, b, c)


def likely(step: Step, model: Model) -> str:
    """The verb, mostly a possible one: a running job is ended, a returned ticket resubmitted."""
    verb, a, _b, c = step
    if a == 11 or verb in ("tick", "leave", "proxy"):
        return verb
    jobs = [visit.job for visit in model.opened() if visit.type == "automation"]
    if model.state == "returned":
        return "withdraw" if verb == "withdraw" else "change" if c > 8 else "resubmit"
    if "failed" in jobs and c > 8:
        return "resolve"
    if jobs and c % 2 == 0:
        return "job"
    unlikely = verb in ("job", "resolve", "resubmit", "change") or (verb in ("withdraw", "veto") and c < 8)
    return "approve" if unlikely else verb


def _reassign(model: Model, a: int, b: int, c: int) -> Act | None:
    waiting = [visit for visit in model.opened() if visit.type in PEOPLE]
    if not waiting:
        return None
    visit, users = waiting[a % len(waiting)], [CAST[b % len(CAST)]]
    return Act("reassign", "admin" if c < 11 else "bob", more={"node": visit.node, "users": users})


def _about_a_seat(verb: str, model: Model, a: int, b: int, c: int) -> Act | None:
    seats = model.seats()
    if verb == "remove_sign":
        adders = {id(seat.added_to) for visit, seat in seats if seat.added_to}
        seats = [(visit, seat) for visit, seat in seats if id(seat) in adders] or seats
    if verb == "old":
        seats = [
            (visit, seat)
            for visit in model.visits
            for seat in visit.seats
            if seat.state in ("approved", "confirmed") and not seat.kept
        ]
    if not seats:
        return None
    visit, seat = seats[a % len(seats)]
    agents = sorted(agent for principal, agent in model.company.proxies if principal == seat.who)
    actor = seat.who if c < 11 else CAST[b % len(CAST)]
    if c % 2 and agents:
        actor = agents[b % len(agents)]
    act = Act({"old": "approve", "edit": "approve", "here": "return"}.get(verb, verb), actor, visit, seat)
    users = [CAST[b % len(CAST)]] + ([CAST[(b + c) % len(CAST)]] if c == 3 else [])
    if verb in ("transfer", "add_sign", "remove_sign"):
        act.more["users"] = users
    if verb == "add_sign":
        act.more["position"] = ["before", "after", "with"][c % 3]
    if verb == "remove_sign":
        added = sorted({one.who for one in visit.standing() if one.added_to is seat})
        act.more["users"] = [added[b % len(added)]] if added else users
    if verb in ("return", "here"):
        asked = ["applicant", *model.targets(visit)]
        if c == 10:
            asked = list(dict.fromkeys(one.node for one in model.visits if one.type in PEOPLE))
        act.more = {"to": asked[b % len(asked)], "resume": "here" if verb == "here" else "restart"}
    if verb == "edit":
        act.more["edit"] = EDITS[b % len(EDITS)]
    return act


def perform(act: Act, model: Model) -> None:
    """Perform the act on the model. Raises Refused."""
    if act.verb == "leave":
        model.company.left.add(act.more["who"])
    elif act.verb == "proxy":
        model.company.proxies.add((act.more["principal"], act.more["agent"]))
    elif act.verb == "job":
        model.job(act.more["say"])
    elif act.verb == "resolve":
        model.resolve()
    elif act.verb == "tick":
        model.company.now += act.more["minutes"]
        _ring(model)
    elif act.verb == "withdraw":
        model.withdraw(act.actor)
    elif act.verb == "resubmit":
        model.resubmit(act.actor, act.more["form"])
    elif act.verb == "reassign":
        model.reassign(act.actor, act.more["node"], act.more["users"])
    else:
        _decide(act, model)


def _ring(model: Model) -> None:
    """Fire all due alarms of the whole family, the earliest first."""
    while alarms := [(*alarm, one) for one in model.family() if (alarm := one.alarm()) is not None]:
        at, visit, one = min(alarms, key=lambda alarm: alarm[0])
        one.fire(at, visit)


def _decide(act: Act, model: Model) -> None:
    assert act.visit is not None
    assert act.seat is not None
    about, more = (act.visit, act.seat, act.actor), act.more
    if act.verb == "approve":
        model.approve(*about, more.get("edit"))
    elif act.verb == "veto":
        model.veto(*about)
    elif act.verb == "return":
        model.give_back(*about, more["to"], more["resume"])
    elif act.verb == "transfer":
        model.transfer(*about, more["users"])
    elif act.verb == "add_sign":
        model.add_sign(*about, more["users"], more["position"])
    else:
        model.remove_sign(*about, more["users"])
