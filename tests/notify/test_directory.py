"""`manage.py wecom sync`: what follows WeCom, and what never does (A26)."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Department, Role, RoleMember, Session, User
from accounts.organisation.membership import disable
from notify.wecom.client import WeComClient, WeComError
from notify.wecom.directory import Directory, fetch
from notify.wecom.sync import TooManyGone, sync
from tests.notify.servers import FakeWeCom, ok

pytestmark = pytest.mark.django_db

DEPARTMENTS = {
    1: {"id": 1, "name": "示例科技", "parentid": 0, "department_leader": []},
    3: {"id": 3, "name": "平台组", "parentid": 1, "department_leader": ["bob"]},
}


def member(userid: str, **more: Any) -> dict[str, Any]:
    row = {"userid": userid, "name": userid.title(), "main_department": 3, "direct_leader": [], "status": 1}
    return {**row, **more}


def directory(*members: dict[str, Any]) -> Directory:
    return Directory(DEPARTMENTS, {row["userid"].lower(): row for row in members})


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


@pytest.mark.parametrize("status", [2, 5])
def test_F40_whoever_is_disabled_or_has_left_loses_the_log_in_and_gets_it_back(people, status):
    browser = Client()
    browser.force_login(people["dave"], backend="accounts.backends.PasswordBackend")
    assert "~ user dave: is_active True -> False" in sync(directory(member("dave", status=status)))
    assert browser.get("/api/v1/me").status_code == 401
    assert not Session.objects.filter(user=people["dave"]).exists()
    assert "~ user dave: is_active False -> True" in sync(directory(member("dave")))
    assert User.objects.get(username="dave").is_active
    assert browser.get("/api/v1/me").status_code == 401  # the old session does not come back


def test_whoever_has_not_activated_wecom_yet_is_left_alone(people):
    assert not [line for line in sync(directory(member("dave", status=4))) if "is_active" in line]
    assert User.objects.get(username="dave").is_active
    sync(directory(member("dave", status=2)))
    sync(directory(member("dave", status=4)))
    assert not User.objects.get(username="dave").is_active


def test_whom_a_person_disabled_wecom_does_not_enable(people):
    disable(people["dave"], by=None)
    (line,) = [line for line in sync(directory(member("dave"))) if line.startswith("! user dave")]
    assert "org enable dave" in line
    assert not User.objects.get(username="dave").is_active


def test_whom_both_disabled_wecom_does_not_enable(people):
    sync(directory(member("dave", status=2)))
    disable(User.objects.get(username="dave"), by=None)
    sync(directory(member("dave")))
    assert not User.objects.get(username="dave").is_active


def test_F40_whoever_is_deleted_loses_the_log_in(people):
    found = Directory(DEPARTMENTS, {}, deleted=frozenset({"dave"}))
    assert "~ user dave: is_active True -> False" in sync(found)
    assert not User.objects.get(username="dave").is_active


def test_the_last_administrator_is_not_locked_out_by_wecom(people):
    (line,) = [line for line in sync(directory(member("admin", status=2))) if line.startswith("!")]
    assert "last administrator" in line
    assert User.objects.get(username="admin").is_active
    User.objects.filter(username="heidi").update(is_admin=True)
    sync(directory(member("admin", status=2)))
    assert not User.objects.get(username="admin").is_active


def test_many_at_once_are_rather_a_mistake(people):
    sync(directory(member("yan"), member("zoe")))
    everybody = [member(name, status=5) for name in [*people, "yan", "zoe"] if name != "admin"]
    assert len(everybody) == 7
    with pytest.raises(TooManyGone):
        sync(directory(*everybody))
    assert User.objects.filter(is_active=True).count() == len(people) + 2
    assert len([line for line in sync(directory(*everybody), dry_run=True) if "True -> False" in line]) == len(
        everybody
    )
    sync(directory(*everybody), let_many_go=True)
    assert User.objects.filter(is_active=True).count() == len(people) + 2 - len(everybody)


def test_whoever_is_not_visible_is_left_alone(people):
    sync(directory())
    assert User.objects.filter(is_active=True).count() == len(people)


@pytest.mark.parametrize("userid", ["BOB", "Bob"])
def test_A24_another_case_is_the_same_person(people, userid):
    before = User.objects.count()
    lines = sync(directory(member(userid, name="Robert"), member("alice", direct_leader=[userid])))
    assert "~ user bob: name Bob -> Robert" in lines or User.objects.get(username="bob").name == "Robert"
    assert User.objects.get(wecom_userid="bob").username == "bob"
    assert User.objects.get(username="alice").manager == people["bob"]
    assert User.objects.count() == before


@pytest.mark.parametrize("userid", ["b\u014db", "a\u0131ice", "al\u0131ce", "\u212aate", "", "bob "])
def test_A24_a_letter_that_only_looks_alike_is_nobody(people, userid):
    User.objects.filter(username="heidi").update(wecom_userid="kate")
    assert not User.objects.of_wecom(userid).exists()


def test_A24_two_people_cannot_have_one_userid_in_two_cases(people):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(username="heidi").update(wecom_userid="BOB")


def test_a_name_that_is_taken_by_somebody_without_wecom_is_not_taken_over(people):
    User.objects.filter(username="bob").update(wecom_userid=None)
    for spelt in ("bob", "BOB"):
        lines = sync(directory(member(spelt, name="Mallory")))
        assert any(line.startswith(f"! user {spelt}") for line in lines)
    assert (User.objects.get(username="bob").name, User.objects.get(username="bob").wecom_userid) == ("Bob", None)


def test_nobody_is_his_own_manager(people):
    sync(directory(member("bob", direct_leader=["bob"])))
    assert User.objects.get(username="bob").manager is None


def scripted(wecom: FakeWeCom, **answers: Any) -> WeComClient:
    wecom.script = {name.replace("__", "/"): [answer] for name, answer in answers.items()}
    return WeComClient(corp_id="ww1", secret="s" * 32, api_base=wecom.url)


class TestFetch:
    """A sync must have seen everybody before it disables anybody."""

    def test_only_wecoms_word_makes_somebody_deleted(self):
        with FakeWeCom() as wecom:
            client = scripted(
                wecom,
                department__list=ok(department=[DEPARTMENTS[1]]),
                user__list=ok(userlist=[member("Bob")]),
            )
            wecom.script["user/get"] = [{"errcode": 60111, "errmsg": "userid not found"}]
            found = fetch(client, ["bob", "dave"])
            assert [call.query["userid"] for call in wecom.of("user/get")] == ["dave"]
        assert (set(found.members), set(found.deleted), found.unseen) == ({"bob"}, {"dave"}, {})

    @pytest.mark.parametrize("answer", [{"errcode": 60011, "errmsg": "hidden"}, {"errcode": -1, "errmsg": "busy"}, 500])
    def test_I26_whoever_is_out_of_sight_is_left_alone(self, people, answer):
        with FakeWeCom() as wecom:
            client = scripted(wecom, department__list=ok(department=[DEPARTMENTS[1]]), user__list=ok(userlist=[]))
            wecom.script["user/get"] = [answer]
            found = fetch(client, ["dave"])
        assert (found.deleted, list(found.unseen)) == (frozenset(), ["dave"])
        assert any(line.startswith("! user dave: out of sight") for line in sync(found))
        assert User.objects.get(username="dave").is_active

    def test_a_list_that_came_back_short_disables_nobody(self, people):
        with FakeWeCom() as wecom:
            client = scripted(wecom, department__list=ok(department=[DEPARTMENTS[1]]), user__list=ok(userlist=[]))
            wecom.script["user/get"] = [ok(**member("dave"))]
            found = fetch(client, ["dave"])
        sync(found)
        assert User.objects.get(username="dave").is_active

    @pytest.mark.parametrize(
        "answers",
        [
            {"department__list": ok()},
            {"department__list": ok(department=[])},
            {"department__list": ok(department=[DEPARTMENTS[1]]), "user__list": ok()},
            {"department__list": ok(department=[DEPARTMENTS[1]]), "user__list": 502},
        ],
    )
    def test_a_part_of_an_answer_is_none(self, answers):
        with FakeWeCom() as wecom, pytest.raises(WeComError):
            fetch(scripted(wecom, **answers), ["dave"])
