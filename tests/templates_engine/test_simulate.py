"""Who would act, before a ticket exists."""

import pytest

from accounts.models import Role
from templates_engine import queries
from tests.factories import LEAVE, approval, submit, template, user, waiting

pytestmark = pytest.mark.usefixtures("world")


def simulate(key, form, applicant="alice", **more):
    return queries.simulate(queries.version_of(key, None).pk, form=form, applicant=user(applicant), **more)


def steps(found) -> list[tuple[str, list[str]]]:
    return [(step["node"], step["assignees"]) for step in found["path"]]


def test_the_way_depends_on_the_values() -> None:
    assert steps(simulate("leave", LEAVE)) == [("leader", ["bob"]), ("tell", ["bob"])]
    assert steps(simulate("leave", {**LEAVE, "days": 5})) == [
        ("leader", ["bob"]),
        ("head", ["carol"]),
        ("tell", ["bob"]),
    ]


def test_unfinished_values_are_said_not_raised() -> None:
    found = simulate("leave", {})
    assert {"form.kind", "form.from", "form.days"} <= {finding["path"] for finding in found["errors"]}
    assert steps(found) == [("leader", ["bob"])]  # up to the branch that nobody can judge yet


@pytest.mark.parametrize("form", [{"kind": []}, {"days": "x"}, {"x": 1}, {"from": 5}, {"kind": "\ud800"}])
def test_hostile_values_are_said_not_raised(form) -> None:
    assert simulate("leave", form)["errors"]


def test_which_fields_are_shown() -> None:
    assert "reason" not in simulate("leave", LEAVE)["visible"]
    assert "reason" in simulate("leave", {**LEAVE, "kind": "sick"})["visible"]


def test_nobody_and_the_system_are_said() -> None:
    Role.objects.create(key="empty")
    nobody = approval("none", {"role": "empty"}, on_empty="block")
    template([nobody, approval("own", {"applicant": True}, on_self="approve")], key="odd")
    first, second = simulate("odd", {})["path"]
    assert (first["blocked"], first["assignees"]) == (True, [])
    assert (second["blocked"], second["assignees"]) == (False, [])
    assert second["reason"]


def test_the_simulation_is_what_happens() -> None:
    for days in (1, 5):
        form = {**LEAVE, "days": days}
        ticket = submit("leave", form)
        assert waiting(ticket) == steps(simulate("leave", form))[0][1]
