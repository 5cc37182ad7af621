"""Who acts at a node: every rule, nobody found, the applicant found, people who left (I3, I4, I10, F40)."""

from dataclasses import dataclass, field

import pytest

from accounts.models import Department, User
from accounts.people import Organisation, Person, person
from accounts.people import facts as known
from templates_engine.approvers import Circumstances, escalate, found, seat_people
from templates_engine.expressions import Expressions, Facts
from templates_engine.text import localize
from tests.factories import give_role, user


@dataclass
class Company:
    """A company in memory; answers what accounts.people.Organisation answers."""

    people: dict[str, Person] = field(default_factory=dict)
    roles: dict[str, list[str]] = field(default_factory=dict)
    line: dict[str, list[str]] = field(default_factory=dict)
    heads: dict[str, list[str | None]] = field(default_factory=dict)
    administrators: list[str] = field(default_factory=list)

    def by_usernames(self, usernames):
        return [self.people[name] for name in dict.fromkeys(usernames) if name in self.people]

    def in_department(self, role, department):
        return [self.people[name] for name in self.roles.get(f"{role} of {department}", [])]

    def role_holders(self, role):
        return [self.people[name] for name in self.roles.get(role, [])]

    def managers(self, person):
        return [self.people[name] for name in self.line.get(person.username, [])]

    def department_heads(self, person):
        return [self.people.get(name) if name else None for name in self.heads.get(person.username, [])]

    def admins(self):
        return [self.people[name] for name in self.administrators]


PEOPLE = {name: Person(i, name, name.title()) for i, name in enumerate(["alice", "bob", "carol", "dave", "admin"], 1)}
COMPANY = Company(
    PEOPLE,
    roles={"dba": ["dave"], "both": ["alice", "bob"], "self": ["alice"]},
    line={"alice": ["bob", "carol"], "bob": ["carol"], "dave": ["carol"]},
    heads={"alice": ["bob", None, "carol"], "bob": ["bob", "carol"]},
    administrators=["admin"],
)


def names(seats) -> list[str]:
    return [seat.person.username for seat in seats]


FORM = [
    {"key": "owner", "type": "user", "label": {"zh": "负责人", "en": "Owner"}},
    {"key": "helpers", "type": "users", "label": "Helpers"},
    {"key": "names", "type": "hosts", "label": "Names"},
    {"key": "n", "type": "number", "label": "N"},
    {"key": "word", "type": "text", "label": "Word"},
]
EXPRESSIONS = Expressions(FORM)


def asked(applicant="alice", company=COMPANY, form=None, **more) -> Circumstances:
    known = {"username": applicant, "name": applicant, "department": "platform", "roles": []}
    facts = Facts(form or {}, known, {"priority": "normal", "title": ""})
    return Circumstances(PEOPLE[applicant], company, facts, EXPRESSIONS, **more)


def seated(node, applicant="alice", company=COMPANY, **more):
    return seat_people({"key": "n", "type": "approval", **node}, asked(applicant, company, **more))


@pytest.mark.parametrize(
    ("rules", "people"),
    [
        ([{"user": "carol"}], ["carol"]),
        ([{"user": "gone"}], []),
        ([{"role": "both"}], ["alice", "bob"]),
        ([{"role": "none"}], []),
        ([{"manager": 1}], ["bob"]),
        ([{"manager": 2}], ["carol"]),
        ([{"manager": 3}], []),
        ([{"department_head": 1}], ["bob"]),
        ([{"department_head": 2}], []),
        ([{"department_head": 3}], ["carol"]),
        ([{"department_head": 4}], []),
        ([{"applicant": True}], ["alice"]),
        ([{"role": "both"}, {"manager": 1}, {"user": "dave"}, {"role": "dba"}], ["alice", "bob", "dave"]),
    ],
)
def test_rules(rules, people) -> None:
    assert names(found(rules, asked())) == people


def test_I04_a_person_has_one_seat_with_the_first_rules_reason() -> None:
    (seat,) = found([{"manager": 1}, {"user": "bob"}, {"department_head": 1}], asked())
    assert localize(seat.reason, "en") == "manager of alice"


def test_the_branch_is_part_of_the_reason() -> None:
    (seat,) = found([{"role": "dba"}], asked(), {"zh": "高风险", "en": "high risk"})
    assert localize(seat.reason, "en") == "role dba, because high risk"
    assert localize(seat.reason, "zh") == "角色 dba，因为 高风险"


@pytest.mark.parametrize(
    ("on_self", "rules", "people", "passed"),
    [
        (None, [{"role": "self"}], ["bob"], False),
        ("escalate", [{"role": "self"}], ["bob"], False),
        ("approve", [{"role": "self"}], [], True),
        ("allow", [{"role": "self"}], ["alice"], False),
        (None, [{"role": "both"}], ["bob"], False),
        ("escalate", [{"role": "both"}], ["bob"], False),
        ("approve", [{"role": "both"}], ["bob"], False),
        ("allow", [{"role": "both"}], ["alice", "bob"], False),
        ("approve", [{"role": "dba"}], ["dave"], False),
    ],
)
def test_I03_the_applicant_among_the_approvers(on_self, rules, people, passed) -> None:
    node = {"approvers": rules} | ({"on_self": on_self} if on_self else {})
    seating = seated(node)
    assert names(seating.seats) == people
    assert bool(seating.passed) is passed
    assert not seating.blocked


@pytest.mark.parametrize(
    ("on_empty", "people", "passed", "blocked"),
    [
        (None, ["bob"], False, False),
        ("escalate", ["bob"], False, False),
        ("approve", [], True, False),
        ("block", [], False, True),
    ],
)
def test_I10_nobody_found(on_empty, people, passed, blocked) -> None:
    seating = seated({"approvers": [{"role": "none"}]} | ({"on_empty": on_empty} if on_empty else {}))
    assert (names(seating.seats), bool(seating.passed), seating.blocked) == (people, passed, blocked)


def test_on_empty_does_not_answer_for_on_self() -> None:
    """The rules found somebody: the applicant. `on_empty: approve` must not pass that (I3)."""
    seating = seated({"approvers": [{"role": "self"}], "on_empty": "approve"})
    assert (names(seating.seats), seating.passed) == (["bob"], "")


def test_escalation_climbs_then_asks_the_administrators_then_blocks() -> None:
    why = "x"
    assert names(escalate(PEOPLE["alice"], COMPANY, why).seats) == ["bob"]
    assert names(escalate(PEOPLE["alice"], COMPANY, why, besides={2}).seats) == ["carol"]
    assert names(escalate(PEOPLE["alice"], COMPANY, why, besides={2, 3}).seats) == ["admin"]
    assert names(escalate(PEOPLE["carol"], COMPANY, why).seats) == ["admin"]
    last = escalate(PEOPLE["admin"], COMPANY, why)
    assert (last.seats, last.blocked) == ([], True)


def test_I03_a_loop_of_managers_never_seats_the_applicant() -> None:
    looped = Company(PEOPLE, line={"alice": ["alice", "bob"]}, administrators=["alice"])
    assert names(escalate(PEOPLE["alice"], looped, "x").seats) == ["bob"]
    assert escalate(PEOPLE["alice"], Company(PEOPLE, administrators=["alice"]), "x").blocked


def test_a_confirm_may_ask_the_applicant() -> None:
    seating = seated({"type": "confirm", "assignees": [{"applicant": True}]})
    assert names(seating.seats) == ["alice"]


@pytest.mark.usefixtures("world")
class TestTheRealOrganisation:
    """The same questions to the database."""

    @staticmethod
    def ask(rule, applicant="alice") -> list[str]:
        facts = Facts({}, known(user(applicant)), {"priority": "normal", "title": ""})
        circumstances = Circumstances(person(user(applicant)), Organisation(), facts, EXPRESSIONS)
        return names(found([rule], circumstances))

    @pytest.mark.parametrize(
        ("rule", "applicant", "people"),
        [
            ({"manager": 1}, "alice", ["bob"]),
            ({"manager": 2}, "alice", ["carol"]),
            ({"manager": 3}, "alice", []),
            ({"manager": 1}, "carol", []),
            ({"department_head": 1}, "alice", ["bob"]),
            ({"department_head": 2}, "alice", ["carol"]),
            ({"department_head": 3}, "alice", []),
            ({"department_head": 1}, "bob", ["bob"]),
            ({"role": "sre"}, "alice", ["erin", "grace"]),
            ({"user": "Alice"}, "alice", []),
        ],
    )
    def test_today(self, rule, applicant, people) -> None:
        assert self.ask(rule, applicant) == people

    def test_F40_inactive_people_are_never_asked(self) -> None:
        User.objects.filter(username__in=["bob", "erin"]).update(is_active=False)
        assert self.ask({"user": "bob"}) == []
        assert self.ask({"role": "sre"}) == ["grace"]
        assert self.ask({"department_head": 1}) == []
        assert "bob" not in self.ask({"manager": 1})

    def test_loops_in_the_organisation_end(self) -> None:
        User.objects.filter(username="carol").update(manager=user("alice"))
        Department.objects.filter(key="company").update(parent=Department.objects.get(key="platform"))
        assert self.ask({"manager": 2}) == ["carol"]
        assert self.ask({"manager": 3}) == []
        assert self.ask({"department_head": 2}) == ["carol"]

    def test_A26_a_role_of_200_people(self) -> None:
        User.objects.bulk_create(User(username=f"p{i:03}", name=f"P{i}") for i in range(200))
        give_role("sre", *(f"p{i:03}" for i in range(200)))
        assert len(self.ask({"role": "sre"})) == 202
