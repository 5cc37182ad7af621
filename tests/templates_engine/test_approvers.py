"""Who acts at a node: every rule; nobody found, the applicant found, people who left (I03, I04, I10, F40)."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from accounts.models import Department, User
from accounts.organisation.people import Organisation, Person, person, profile_facts
from accounts.organisation.people import facts as known
from templates_engine.approvers import Circumstances, escalate, found, seat_people
from templates_engine.language.expressions import Expressions, Facts
from templates_engine.text import localize
from tests.factories import give_role, user


@dataclass
class Company:
    """A company in memory; answers what accounts.organisation.people.Organisation answers."""

    people: dict[str, Person] = field(default_factory=dict)
    roles: dict[str, list[str]] = field(default_factory=dict)
    line: dict[str, list[str]] = field(default_factory=dict)
    heads: dict[str, list[str | None]] = field(default_factory=dict)
    administrators: list[str] = field(default_factory=list)

    def know(self, *_asked):
        """Everything is known."""

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
    roles={"dba of platform": ["carol"], "dba": ["dave"], "both": ["alice", "bob"], "self": ["alice"]},
    line={"alice": ["bob", "carol"], "bob": ["carol"], "dave": ["carol"]},
    heads={"alice": ["bob", None, "carol"], "bob": ["bob", "carol"]},
    administrators=["admin"],
)


def names(seats) -> list[str]:
    return [seat.person.username for seat in seats]


FORM: list[Any] = [
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
    return seat_people(cast(Any, {"key": "n", "type": "approval", **node}), asked(applicant, company, **more))


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


@pytest.mark.parametrize(
    ("rule", "given", "people", "reason"),
    [
        ({"managers_up_to": 1}, {}, ["bob"], "manager of alice"),
        ({"managers_up_to": 2}, {}, ["bob", "carol"], "manager 2 levels above alice"),
        ({"managers_up_to": 9}, {}, ["bob", "carol"], "manager 2 levels above alice"),
        ({"form_user": "owner"}, {"form": {"owner": "dave"}}, ["dave"], "named in the form: Owner"),
        ({"form_user": "owner"}, {"form": {"owner": "gone"}}, [], None),
        ({"form_user": "owner"}, {}, [], None),
        ({"form_user": "helpers"}, {"form": {"helpers": ["dave", "gone", "bob"]}}, ["dave", "bob"], None),
        ({"chosen_by": "applicant"}, {"chosen": {"": ["carol", "dave"]}}, ["carol", "dave"], "chosen by the applicant"),
        ({"chosen_by": "applicant"}, {"chosen": {"other": ["carol"]}}, [], None),
        ({"expression": "['bob', 'bob', '', 'gone']"}, {}, ["bob"], "expression ['bob', 'bob', '', 'gone']"),
        ({"expression": "form.word"}, {"form": {"word": "dave"}}, ["dave"], None),
        ({"expression": "form.names"}, {"form": {"names": ["dave", "bob"]}}, ["dave", "bob"], None),
        ({"expression": "[]"}, {}, [], None),
        (
            {"role": "dba", "of": "applicant.department"}, {},
            ["carol"], "role dba of the department platform",
        ),
        ({"role": "dba", "of": "form.word"}, {"form": {"word": "sales"}}, [], None),
        ({"role": "dba", "of": "form.word"}, {}, [], None),
    ],
)  # fmt: skip
def test_rules_that_ask_the_circumstances(rule, given, people, reason) -> None:
    seats = found([rule], asked(**given))
    assert names(seats) == people
    if reason:
        assert localize(seats[-1].reason, "en") == reason


def test_the_reason_of_a_long_expression_is_short() -> None:
    (seat,) = found([{"expression": "['bob'" + ", 'gone'" * 40 + "]"}], asked())
    assert len(localize(seat.reason, "zh")) < 100


FAILING = [
    {"expression": "form.n > 3 ? ['bob'] : ['dave']"},  # n is empty
    {"expression": "[1, 2].map(x, [x][x]) == [] ? ['bob'] : []"},
    {"expression": "[['bob']].map(x, x)"},
    {"role": "dba", "of": "['a'][3]"},
]


@pytest.mark.parametrize("rule", FAILING)
@pytest.mark.parametrize("on_empty", ["approve", "block", "escalate"])
def test_I26_A12_a_rule_that_fails_escalates_and_never_passes(rule, on_empty) -> None:
    seating = seated({"approvers": [rule], "on_empty": on_empty})
    assert (names(seating.seats), seating.passed, seating.blocked) == (["bob"], "", False)
    assert "could not be evaluated" in localize(seating.seats[0].reason, "en")


def test_I26_beside_a_rule_that_fails_the_others_keep_their_seats() -> None:
    seating = seated({"approvers": [{"user": "bob"}, FAILING[0], {"applicant": True}]})
    assert names(seating.seats) == ["bob", "carol"]
    assert not seating.blocked
    alone = Company(PEOPLE, administrators=["alice"])
    assert names(seated({"approvers": [{"user": "bob"}, FAILING[0]]}, company=alone).seats) == ["bob"]
    assert seated({"approvers": [FAILING[0]]}, company=alone).blocked


def test_I26_a_cc_whose_rule_fails_tells_the_others() -> None:
    assert names(found(cast(Any, [FAILING[0], {"user": "bob"}]), asked())) == ["bob"]


def test_the_applicants_choice_belongs_to_a_node() -> None:
    node = {"approvers": [{"chosen_by": "applicant"}]}
    assert names(seated(node, chosen={"n": ["dave"]}).seats) == ["dave"]
    assert names(seated(node, chosen={"m": ["dave"]}).seats) == ["bob"]  # escalated


def test_I03_choosing_oneself_is_no_way_to_a_seat() -> None:
    node = {"approvers": [{"chosen_by": "applicant"}]}
    assert names(seated(node, chosen={"n": ["alice"]}).seats) == ["bob"]
    assert names(seated(node, chosen={"n": ["alice", "dave"]}).seats) == ["dave"]


@pytest.mark.parametrize(
    "rule",
    [
        {"form_user": "owner"}, {"expression": "applicant.username"}, {"expression": "[form.owner]"},
        {"user": "alice"}, {"role": "self"},
    ],
)  # fmt: skip
def test_I03_A03_no_rule_seats_the_applicant(rule) -> None:
    known = asked(form={"owner": "alice"})
    assert names(seat_people(cast(Any, {"key": "n", "type": "approval", "approvers": [rule]}), known).seats) == ["bob"]


def test_I03_who_edited_the_content_does_not_approve_it() -> None:
    barred = frozenset({PEOPLE["bob"].id})
    assert names(seated({"approvers": [{"user": "bob"}, {"user": "dave"}]}, barred=barred).seats) == ["dave"]
    seating = seated({"approvers": [{"user": "bob"}], "on_empty": "approve", "on_self": "approve"}, barred=barred)
    assert (names(seating.seats), seating.passed) == (["carol"], "")  # not bob, though he is the manager
    assert "edited" in localize(seating.seats[0].reason, "en")
    both = seated({"approvers": [{"role": "both"}], "on_self": "approve"}, barred=barred)
    assert (names(both.seats), both.passed) == (["carol"], "")
    confirm = {"type": "confirm", "assignees": [{"user": "bob"}]}
    assert names(seated(confirm, barred=barred).seats) == ["bob"]  # decides about nothing


def test_A26_at_most_200_seats() -> None:
    crowd = {f"p{i:03}": Person(1000 + i, f"p{i:03}", "P") for i in range(201)}
    company = Company({**PEOPLE, **crowd}, roles={"all": list(crowd), "most": list(crowd)[:200]})
    seating = seated({"approvers": [{"role": "all"}], "on_empty": "approve"}, company=company)
    assert (seating.seats, seating.blocked, seating.passed) == ([], True, "")
    assert "201" in localize(seating.problem, "en")
    assert len(seated({"approvers": [{"role": "most"}]}, company=company).seats) == 200


def test_what_blocks_is_said() -> None:
    assert "nobody" in localize(seated({"approvers": [{"role": "none"}], "on_empty": "block"}).problem, "en")
    assert "step in" in localize(seated({"approvers": [{"role": "none"}]}, "admin").problem, "en")


def test_escalation_goes_up_from_who_should_have_acted_then_from_the_applicant() -> None:
    dave, alice, carol = PEOPLE["dave"], PEOPLE["alice"], PEOPLE["carol"]
    assert names(escalate(dave, COMPANY, "x", applicant=alice).seats) == ["carol"]
    assert names(escalate(dave, COMPANY, "x", {carol.id}, applicant=alice).seats) == ["bob"]
    assert names(escalate(carol, COMPANY, "x", applicant=alice).seats) == ["bob"]
    assert names(escalate(carol, COMPANY, "x", {PEOPLE["bob"].id}, applicant=alice).seats) == ["admin"]
    looped = Company(PEOPLE, line={"dave": ["alice"]}, administrators=["alice", "dave"])
    assert escalate(dave, looped, "x", applicant=alice).blocked  # I03: never the applicant, nor dave again


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
    """The rules found somebody: the applicant. `on_empty: approve` must not pass that (I03)."""
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

    def test_a_role_of_a_department_climbs_until_somebody_holds_it(self) -> None:
        give_role("dba", "grace")  # of the department ops, as erin is
        assert self.ask({"role": "dba", "of": "'ops'"}) == ["grace"]
        give_role("dba", "carol")
        rule = {"role": "dba", "of": "applicant.department"}
        assert self.ask(rule) == ["carol"]  # nobody in platform; carol heads what is above
        give_role("dba", "heidi", "bob")
        assert self.ask(rule) == ["bob", "heidi"]
        User.objects.filter(username__in=["bob", "heidi"]).update(is_active=False)
        assert self.ask(rule) == ["carol"]

    @pytest.mark.parametrize("department", ["nowhere", "", "\\u0000", "'; --"])
    def test_a_role_of_a_department_that_is_none(self, department) -> None:
        assert self.ask({"role": "dba", "of": '"' + department + '"'}) == []

    def test_people_by_name_cost_one_statement(self, django_assert_num_queries) -> None:
        organisation = Organisation()
        with django_assert_num_queries(1):
            people = organisation.by_usernames(["carol", "nobody", "alice", "carol", "a\u0000", "\ud800"])
            assert organisation.by_username("alice") == people[1]
            assert organisation.by_username("nobody") is None
        assert [p.username for p in people] == ["carol", "alice"]

    def test_all_that_a_hand_in_asks_of_the_applicant_costs_one_statement(self, django_assert_num_queries) -> None:
        alice = user("alice")
        give_role("sre", "alice")
        with django_assert_num_queries(1):
            profile = profile_facts(alice)
        assert profile == {
            "username": "alice", "name": alice.name, "department": "platform", "roles": ["sre"],
            "departments": ["platform", "dev", "company"],
        }  # fmt: skip
        assert known(alice) == {key: value for key, value in profile.items() if key != "departments"}

    def test_an_applicant_without_department(self) -> None:
        User.objects.filter(username="heidi").update(department=None)
        profile = profile_facts(user("heidi"))
        assert (profile["department"], profile["departments"], profile["roles"]) == ("", [], [])

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
