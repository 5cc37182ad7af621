"""Inventories are read as text; what is refused in them (A30)."""

import pytest
from django.core.management import CommandError, call_command

from automation.inventory.names import is_address, is_host_name, is_user
from automation.inventory.parse import guess, parse
from automation.inventory.problems import Unreadable
from automation.models import Host
from tests.automation.world import import_text
from tickets.errors import Invalid

INI = """
# comment
bastion ansible_host=10.0.0.9

[web]
web-01 ansible_host=10.0.0.1 ansible_port=2222 ansible_user=deploy rack="A 1"
web-02

[db]
web-01
[db:vars]
tier=two
[all:children]
web
"""
YAML = """
all:
  hosts:
    bastion: {ansible_host: 10.0.0.9}
  children:
    web:
      hosts:
        web-01: {ansible_host: 10.0.0.1, ansible_port: 2222, ansible_user: deploy, rack: A 1}
        web-02:
    db: {hosts: {web-01: {}}, vars: {tier: two}}
"""
CSV = """name,address,port,user,groups
bastion,10.0.0.9,,,
web-01,10.0.0.1,2222,deploy,web db
web-02,,,,web
"""


@pytest.mark.parametrize(("kind", "text"), [("ini", INI), ("yaml", YAML), ("csv", CSV)])
def test_the_same_hosts_from_three_kinds_of_text(kind: str, text: str) -> None:
    found = {entry.name: entry for entry in parse(text, kind).entries}
    assert list(found) == ["bastion", "web-01", "web-02"]
    first = found["web-01"]
    assert (first.address, first.port, first.user, sorted(first.groups)) == ("10.0.0.1", 2222, "deploy", ["db", "web"])
    assert (found["bastion"].address, found["bastion"].groups) == ("10.0.0.9", [])
    assert first.variables == ({} if kind == "csv" else {"rack": "A 1", "tier": "two"})
    assert guess(text) == kind


@pytest.mark.parametrize(
    "name",
    ["all", "ALL", "*", "localhost", "web*", "web:db", "!web", "~web", "web[1:3]", "-x", "a b", "a/b", "..", ".a",
     "a\n", "", "é", "web,db", "127.0.0.1", "{{x}}", "а", None, 7, "x" * 129],
)  # fmt: skip
def test_A30_names_that_are_not_exactly_one_host(name) -> None:
    assert not is_host_name(name)


def test_plain_names_are_hosts() -> None:
    assert all(map(is_host_name, ["web-01", "10.0.0.1", "db.example.com", "a", "host_1"]))
    assert all(map(is_address, ["10.0.0.1", "fe80::1", "::1", "db.example.com"]))
    assert not any(map(is_address, ["-x", "a b", "a@b", "a:22", "x\n", "$(id)"]))
    assert not any(map(is_user, ["-x", "a b", "root\n", "", "a@b"]))


@pytest.mark.django_db
def test_A30_import_takes_all_or_nothing_and_names_each_line() -> None:
    text = "good-01\nall\nweb[1-9]\nevil ansible_host=-oProxyCommand=id\nodd ansible_ssh_common_args='-o x'\nx 'open\n"
    with pytest.raises(Invalid) as refused:
        import_text(actor=None, text=text, kind="ini")
    assert [found["path"] for found in refused.value.errors] == ["line 6"]
    with pytest.raises(Invalid) as refused:
        import_text(actor=None, text=text.replace("x 'open\n", ""), kind="ini")
    assert [found["path"] for found in refused.value.errors] == [
        "line 2.name", "line 3.name", "line 4.address", "line 5.variables.ansible_ssh_common_args",
    ]  # fmt: skip
    assert not Host.objects.exists()


@pytest.mark.django_db
def test_import_again_updates_and_leaves_the_rest() -> None:
    assert import_text(actor=None, text=INI, kind="ini")[0] == {"created": 3, "updated": 0, "unchanged": 0}
    assert import_text(actor=None, text=INI, kind="ini")[0] == {"created": 0, "updated": 0, "unchanged": 3}
    moved, _odd = import_text(actor=None, text="web-02 ansible_host=10.0.0.2", kind="ini")
    assert moved == {"created": 0, "updated": 1, "unchanged": 0}
    assert Host.objects.get(name="web-02").reach == "root@10.0.0.2:22"
    assert Host.objects.count() == 3


@pytest.mark.django_db
def test_names_that_differ_in_case_only_are_one_too_many() -> None:
    with pytest.raises(Invalid):
        import_text(actor=None, text="web-01\nWEB-01", kind="ini")


@pytest.mark.parametrize(
    ("kind", "text"),
    [("yaml", "a: [b"), ("yaml", "- a"), ("yaml", "!!python/object/apply:os.system [id]"), ("csv", "host\nx")],
)
def test_A28_what_cannot_be_read_is_refused_and_nothing_is_evaluated(kind: str, text: str) -> None:
    with pytest.raises(Unreadable):
        parse(text, kind)


@pytest.mark.django_db
def test_hosts_import_from_the_command_line(tmp_path, capsys) -> None:
    path = tmp_path / "hosts.yml"
    path.write_text(YAML)
    call_command("hosts", "import", str(path))
    assert "3 created" in capsys.readouterr().out
    path.write_text("web: {hosts: {localhost: {}}}")
    with pytest.raises(CommandError, match=r"web\.hosts\.localhost\.name"):
        call_command("hosts", "import", str(path))
