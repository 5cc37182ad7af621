"""Importing an organisation from a file."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Department, User
from accounts.organisation.importing import BadOrganisation, import_organisation, read
from demo import ORGANISATION
from tests.factories import user

pytestmark = pytest.mark.usefixtures("world")
GOOD = """
departments: [{key: lab, name: Lab, head: zoe}, {key: bench, name: Bench, parent: lab}]
roles: [{key: chemist, name: {zh: 化学, en: Chemist}, permissions: [templates.publish]}]
users:
  - {username: zoe, name: Zoe, department: lab, roles: [chemist]}
  - {username: yan, name: 颜, department: bench, manager: zoe}
"""


def stored() -> tuple:
    return (
        list(
            User.objects.order_by("id").values_list(
                "username", "name", "manager__username", "department__key", "password"
            )
        ),
        list(Department.objects.order_by("id").values_list("key", "parent__key", "head__username")),
    )


def load(tmp_path, text: str):
    path = tmp_path / "org.yaml"
    path.write_text(text, encoding="utf-8")
    return import_organisation(read(path))


def test_everything_is_created_and_connected(tmp_path, capsys) -> None:
    path = tmp_path / "org.yaml"
    path.write_text(GOOD, encoding="utf-8")
    call_command("org", "import", str(path))
    assert capsys.readouterr().out == "2 departments, 1 roles, 2 users\n"
    assert user("yan").manager == user("zoe")
    assert Department.objects.get(key="bench").parent.head == user("zoe")
    assert list(user("zoe").roles.values_list("key", flat=True)) == ["chemist"]
    assert not user("zoe").has_usable_password()


def test_twice_changes_nothing_and_keeps_passwords() -> None:
    before = stored()
    import_organisation(read(ORGANISATION), password="another")
    assert stored() == before


def test_nobody_is_removed(tmp_path) -> None:
    load(tmp_path, GOOD)
    assert user("alice").is_active
    load(tmp_path, GOOD.replace(", roles: [chemist]", "").replace("zoe, name: Zoe", "zoe, name: Zoë"))
    assert user("zoe").name == "Zoë"
    assert not user("zoe").roles.exists()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[]", ""),
        ("", ""),
        ("teams: []", ""),
        ("users:", "users"),
        ("users: alice", "users"),
        ("users: [alice]", "users"),
        ("users: [{username: a, name: A}]", "users[0].department"),
        ("users: [{username: a, name: A, department: none}]", "users[0].department"),
        (GOOD.replace("manager: zoe", "manager: nobody"), "users[1].manager"),
        (GOOD.replace("[chemist]}", "[alchemist]}"), "users[0].roles"),
        (GOOD.replace("parent: lab", "parent: attic"), "departments[1].parent"),
        (GOOD.replace("head: zoe", "head: nobody"), "departments[0].head"),
        (GOOD.replace("name: Zoe", "name: Zoe, is_superuser: true"), "users[0].is_superuser"),
    ],
)
def test_every_problem_has_its_place_and_nothing_is_stored(tmp_path, text, place) -> None:
    before = stored()
    with pytest.raises(BadOrganisation) as refused:
        load(tmp_path, text)
    assert place in {error["path"] for error in refused.value.errors}
    assert stored() == before


@pytest.mark.parametrize("text", ["a: [1", "!!python/object/apply:os.system ['id']", "\x00"])
def test_what_is_not_yaml(tmp_path, text) -> None:
    with pytest.raises(BadOrganisation):
        load(tmp_path, text)


def test_the_command_says_what_is_wrong(tmp_path, capsys) -> None:
    path = tmp_path / "org.yaml"
    path.write_text("users: [{username: a, name: A}]")
    with pytest.raises(CommandError):
        call_command("org", "import", str(path))
    assert "users[0].department: is missing" in capsys.readouterr().err
    with pytest.raises(CommandError, match="No such file"):
        call_command("org", "import", str(tmp_path / "none.yaml"))


def test_A20_aliases_are_refused_with_their_line_and_a_key_that_stands_twice_too(tmp_path) -> None:
    with pytest.raises(BadOrganisation, match=r"line 2: .*YAML"):
        load(tmp_path, "departments: []\nroles: &all []\nusers: *all\n")
    with pytest.raises(BadOrganisation) as refused:
        load(tmp_path, "departments: []\nusers: []\nusers: []\n")
    assert refused.value.errors[0]["path"] == "users"
    assert "line 3" in refused.value.errors[0]["message"]
