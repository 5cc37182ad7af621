"""Groups that limit who may target their hosts: when a plan is made, and when hosts are chosen (I26)."""

import pytest

from accounts.models import Department
from accounts.organisation.people import PersonFacts
from automation.adapters.planner import InventoryPlanner
from automation.models import Host, HostGroup
from tests.api.calls import Api
from tests.factories import NGINX, NOW, give_role, person, user
from tests.statements import counted
from tickets.commands.submit import create
from tickets.errors import PlanRefused

pytestmark = pytest.mark.usefixtures("world")
HEIDI: PersonFacts = {"username": "heidi", "name": "Heidi", "department": "platform", "roles": []}


def limit(name: str, *usable_by: object) -> None:
    HostGroup.objects.update_or_create(name=name, defaults={"usable_by": list(usable_by)})


def plan(applicant: PersonFacts | None, *hosts: str):
    return InventoryPlanner().plan(
        node="run", action="system.os_version", params={}, hosts=list(hosts), not_before=None, applicant=applicant
    )


def refused(applicant: PersonFacts | None, *hosts: str) -> list[tuple[str, str]]:
    with pytest.raises(PlanRefused) as error:
        plan(applicant, *hosts)
    return [(found["path"], found["code"]) for found in error.value.errors]


@pytest.fixture(autouse=True)
def hosts(world) -> None:
    Host.objects.create(name="pay-01", groups=["pay", "prod"])
    Host.objects.create(name="web-01", groups=["web"])
    for name in ("pay", "prod", "web"):
        HostGroup.objects.create(name=name)


def test_open_groups_let_everyone_in_and_cost_no_statement() -> None:
    with counted() as statements:
        assert len(plan(None, "pay-01", "web-01")["targets"]) == 2
    assert len(statements) == 1, statements


@pytest.mark.parametrize(
    ("entry", "applicant", "is_let_in"),
    [
        ({"user": "heidi"}, HEIDI, True),
        ({"user": "alice"}, HEIDI, False),
        ({"role": "sre"}, HEIDI, False),
        ({"role": "sre"}, HEIDI | {"roles": ["sre"]}, True),
        ({"department": "platform"}, HEIDI, True),
        ({"department": "rd"}, HEIDI, True),  # the department above
        ({"department": "ops"}, HEIDI, False),
        ({"department": "platform"}, HEIDI | {"department": ""}, False),
        ({"user": "heidi"}, None, False),
    ],
)
def test_I26_a_group_lets_in_whom_it_names_and_nobody_else(entry, applicant, is_let_in) -> None:
    platform = user("heidi").department
    names = {"platform": platform.key, "rd": platform.parent.key, "ops": "no-such"}
    entry = {kind: names.get(key, key) for kind, key in entry.items()}
    if applicant and applicant["department"]:
        applicant = applicant | {"department": platform.key}
    limit("pay", entry)
    if is_let_in:
        assert plan(applicant, "web-01", "pay-01")
    else:
        assert refused(applicant, "web-01", "pay-01") == [("plans.run.targets[1]", "not_targetable")]


def test_I26_a_limit_holds_whatever_other_groups_a_host_is_in() -> None:
    limit("pay", {"user": "heidi"})
    limit("prod", {"role": "sre"})
    assert refused(HEIDI, "pay-01") == [("plans.run.targets[0]", "not_targetable")]
    assert refused(HEIDI | {"username": "bob", "roles": ["sre"]}, "pay-01")
    assert plan(HEIDI | {"roles": ["sre"]}, "pay-01")


def test_a_limit_costs_two_statements_however_many_hosts() -> None:
    limit("pay", {"department": "no-such"}, {"user": "heidi"})
    Host.objects.bulk_create(Host(name=f"p-{n}", groups=["pay"]) for n in range(300))
    with counted() as statements:
        plan(HEIDI, *(f"p-{n}" for n in range(300)))
    assert len(statements) == 3, statements


def test_the_applicants_ticket_is_refused_at_its_field_and_another_persons_is_not() -> None:
    limit("demo", {"user": "bob"})
    with pytest.raises(PlanRefused) as error:
        create(template="nginx-config-sync", form=NGINX, actor=user("alice"), at=NOW)
    assert [(found["path"], found["code"]) for found in error.value.errors] == [("form.hosts[0]", "not_targetable")]
    assert create(template="nginx-config-sync", form=NGINX, actor=user("bob"), at=NOW).pk


def test_the_picker_offers_only_what_ones_tickets_may_target() -> None:
    limit("pay", {"role": "dba"})
    heidi, dave = Api("heidi"), Api("dave")
    offered = [[row["name"] for row in api.get("hosts", targetable="true").json()["results"]] for api in (heidi, dave)]
    assert "pay-01" not in offered[0]
    assert "pay-01" in offered[1]
    row = next(row for row in heidi.get("hosts").json()["results"] if row["name"] == "pay-01")
    assert (row["may_target"], row["limited_by"]) == (False, ["pay"])
    assert [group["may_target"] for group in heidi.get("groups").json()["results"] if group["name"] == "pay"] == [False]


def test_a_person_without_department_is_nobody_where_departments_are_named() -> None:
    limit("pay", {"department": Department.objects.first().key})
    stranger = person("zoe")
    give_role("sre", "zoe")
    facts: PersonFacts = {"username": stranger.username, "name": "Zoe", "department": "", "roles": ["sre"]}
    assert refused(facts, "pay-01")
