"""`manage.py wecom sync`: what follows WeCom, and what never does (A26)."""

from typing import Any

import pytest

from accounts.models import Department, Role, RoleMember, User
from notify.wecom.directory import Directory, sync

pytestmark = pytest.mark.django_db

DEPARTMENTS = {
    1: {"id": 1, "name": "示例科技", "parentid": 0, "department_leader": []},
    3: {"id": 3, "name": "平台组", "parentid": 1, "department_leader": ["bob"]},
}


def member(userid: str, **more: Any) -> dict[str, Any]:
    row = {"userid": userid, "name": userid.title(), "main_department": 3, "direct_leader": [], "status": 1}
    return {**row, **more}


def directory(*members: dict[str, Any]) -> Directory:
    return Directory(DEPARTMENTS, {row["userid"]: row for row in members})


def test_newcomers_come_without_rights_or_password(people):
    lines = sync(directory(member("zoe", name="Zoe 周", direct_leader=["bob"])))
    zoe = User.objects.get(username="zoe")
    assert (zoe.name, zoe.wecom_userid, zoe.manager, zoe.department.name) == ("Zoe 周", "zoe", people["bob"], "平台组")
    assert not zoe.is_admin
    assert not zoe.has_usable_password()
    assert zoe.roles.count() == 0
    assert "+ user zoe Zoe 周" in lines


def test_departments_come_with_parents_and_heads(people):
    sync(directory())
    platform = Department.objects.get(wecom_id=3)
    assert (platform.parent.wecom_id, platform.head) == (1, people["bob"])


def test_a_second_run_changes_nothing(people):
    found = directory(member("zoe", direct_leader=["bob"]), member("bob"))
    assert sync(found)
    assert sync(found) == []


def test_a_dry_run_says_and_does_not(people):
    before = User.objects.count()
    assert "+ user zoe Zoe" in sync(directory(member("zoe")), dry_run=True)
    assert User.objects.count() == before


def test_A26_roles_and_rights_stay_as_they_are(people):
    role = Role.objects.get(key="dba")
    RoleMember.objects.create(role=role, user=people["bob"])
    sync(directory(member("bob", name="Robert", is_admin=True, roles=["dba"], status=1), member("heidi")))
    bob = User.objects.get(username="bob")
    assert (bob.name, bob.is_admin, list(bob.roles.all())) == ("Robert", False, [role])
    assert not User.objects.get(username="heidi").roles.exists()


def test_whoever_is_gone_is_disabled_and_never_enabled_again(people):
    assert "~ user dave: is_active True -> False" in sync(directory(member("dave", status=5)))
    sync(directory(member("dave", status=1)))
    assert not User.objects.get(username="dave").is_active


def test_an_administrator_is_not_locked_out_by_wecom(people):
    (line,) = [line for line in sync(directory(member("admin", status=2))) if line.startswith("!")]
    assert "administrator" in line
    assert User.objects.get(username="admin").is_active


def test_whoever_is_not_visible_is_left_alone(people):
    sync(directory())
    assert User.objects.filter(is_active=True).count() == len(people)


@pytest.mark.parametrize("userid", ["BOB", "Bob"])
def test_A24_another_spelling_is_another_person(people, userid):
    sync(directory(member(userid, name="Mallory")))
    assert User.objects.get(username="bob").name == "Bob"
    assert User.objects.get(wecom_userid="bob").username == "bob"


def test_a_name_that_is_taken_by_somebody_without_wecom_is_not_taken_over(people):
    User.objects.filter(username="bob").update(wecom_userid=None)
    lines = sync(directory(member("bob", name="Mallory")))
    assert any(line.startswith("! user bob") for line in lines)
    assert (User.objects.get(username="bob").name, User.objects.get(username="bob").wecom_userid) == ("Bob", None)


def test_nobody_is_his_own_manager(people):
    sync(directory(member("bob", direct_leader=["bob"])))
    assert User.objects.get(username="bob").manager is None
