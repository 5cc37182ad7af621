"""`manage.py org disable|enable`: who may log in and act (F40, A46)."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.commands import create_token
from accounts.models import AdminEvent, AdminOutbox, Session, User
from accounts.organisation.importing import BadOrganisation, import_organisation
from accounts.organisation.membership import LastAdministrator, disable
from accounts.trail.dispatch import dispatch
from accounts.trail.verify import breaks

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def people(world: None) -> dict[str, User]:
    return {user.username: user for user in User.objects.all()}


def org(capsys, *words: str) -> str:
    call_command("org", *words)
    return capsys.readouterr().out.strip()


def test_F40_disabling_ends_everything_at_once_and_enabling_lets_in_again(capsys, people) -> None:
    browser = Client()
    browser.force_login(people["bob"], backend="accounts.backends.PasswordBackend")
    _token, secret = create_token(user=people["bob"], name="script", expires_at=None)
    script = {"Authorization": f"Bearer {secret}"}
    assert (browser.get("/api/v1/me").status_code, Client().get("/api/v1/me", headers=script).status_code) == (200, 200)
    assert org(capsys, "disable", "bob").startswith("bob is disabled")
    assert (browser.get("/api/v1/me").status_code, Client().get("/api/v1/me", headers=script).status_code) == (401, 401)
    assert not Session.objects.filter(user=people["bob"]).exists()
    assert org(capsys, "disable", "bob") == "bob was disabled already"
    assert org(capsys, "enable", "bob") == "bob is enabled"
    assert org(capsys, "enable", "bob") == "bob was enabled already"
    assert (browser.get("/api/v1/me").status_code, Client().get("/api/v1/me", headers=script).status_code) == (401, 200)


def test_I25_the_trail_of_administration_says_who_did_it_once_each(people) -> None:
    before = AdminEvent.objects.count()
    for verb in ("disable", "disable", "enable", "enable"):
        call_command("org", verb, "bob")
    disable(people["bob"], by=people["admin"], has_left_wecom=True)
    acts = list(AdminEvent.objects.order_by("seq"))[before:]
    assert [(act.kind, act.actor, act.channel, act.person) for act in acts] == [
        ("person.disabled", None, "system", people["bob"]),
        ("person.enabled", None, "system", people["bob"]),
        ("person.disabled", people["admin"], "system", people["bob"]),
    ]
    assert acts[-1].data == {"username": "bob", "has_left_wecom": True}
    assert acts[-1].about == f"user:{people['bob'].pk}"
    assert list(breaks()) == []
    dispatch()
    assert not AdminOutbox.objects.exists()


def test_the_last_administrator_stays(people) -> None:
    with pytest.raises(CommandError, match=r"管理员|administrator"):
        call_command("org", "disable", "admin")
    User.objects.filter(username="erin").update(is_admin=True)
    disable(people["admin"], by=people["admin"])
    with pytest.raises(LastAdministrator):
        disable(User.objects.get(username="erin"), by=people["admin"])
    assert User.objects.get(username="erin").is_active


def test_a_file_that_leaves_no_administrator_is_refused_whole(people) -> None:
    rows = [{"username": "admin", "name": "Not any more", "department": "x"}]
    with pytest.raises(BadOrganisation, match="administrator"):
        import_organisation({"departments": [{"key": "x", "name": "X"}], "users": rows})
    assert User.objects.get(username="admin").is_admin


def test_A24_a_file_gives_nobody_the_userid_of_another(people) -> None:
    rows = [{"username": "mallory", "name": "M", "department": "x", "wecom_userid": "BOB"}]
    with pytest.raises(BadOrganisation, match="belongs to bob"):
        import_organisation({"departments": [{"key": "x", "name": "X"}], "users": rows})


@pytest.mark.parametrize(("name", "words"), [("nobody", "no user nobody"), ("Bob", "there is bob")])
def test_an_unknown_name_is_said(people, name, words) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("org", "disable", name)
