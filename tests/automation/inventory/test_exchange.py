"""Import with a preview, and an export that reads back the same and executes nothing (A28, A44, I25)."""

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import AdminEvent
from automation.commands.hosts import COLUMNS
from automation.commands.importing import import_hosts
from automation.hosts.targets import resolve
from automation.inventory.export import to_csv, to_ini
from automation.inventory.parse import parse, parse_bytes
from automation.models import Host, HostGroup
from tests.api.calls import Api, codes
from tests.automation.inventory.test_formats import HEADING, workbook
from tests.hostile import FORMULA, SCRIPT
from tests.statements import counted
from tickets.errors import Invalid

pytestmark = pytest.mark.usefixtures("world")
INJECTION = "{{ lookup('pipe', 'id') }} {% raw %} {# x #}"


def bring(text: str, kind: str, **given):
    return import_hosts(actor=None, found=parse(text, kind), at=timezone.now(), **given)


def rows() -> list[tuple]:
    return list(Host.objects.order_by("name").values_list("name", *COLUMNS, "is_active"))


@pytest.fixture
def odd(world) -> list[tuple]:
    """Hosts that hold whatever a host can hold."""
    values = {f"v{number}": text for number, text in enumerate([*FORMULA.values(), *SCRIPT.values(), INJECTION])}
    Host.objects.create(name="plain", address="10.0.0.1", groups=["db", "web"], variables={"rack": "A 1"})
    Host.objects.create(
        name="odd", address="fe80::1", port=2222, user="deploy", minion="odd.example.com", site="sz",
        labels={"env": "prod", "note": "a=b, c; “d”\n[web]\nevil ansible_host=1", "n": 7, "deep": {"x": [1, None]}},
        variables={**values, "list": [INJECTION, {"x": 1}], "flag": True, "quote": "it's \"x\" # y", "e": "\u202e"},
        is_active=False,
    )  # fmt: skip
    Host.objects.create(name="by-salt", connection="salt", minion="m1")
    return rows()


@pytest.mark.parametrize(("write", "kind"), [(to_ini, "ini"), (to_csv, "csv")])
def test_an_export_reads_back_the_same(odd, write, kind) -> None:
    text = write(Host.objects.order_by("name"))
    found = parse_bytes(text.encode(), kind)
    assert import_hosts(actor=None, found=found, at=timezone.now(), dry_run=True).changes == []
    Host.objects.all().delete()
    import_hosts(actor=None, found=parse_bytes(text.encode(), None, f"hosts.{kind}"), at=timezone.now())
    assert rows() == odd


def test_A44_no_cell_of_the_table_begins_what_a_spreadsheet_calculates(odd) -> None:
    table = list(csv.reader(io.StringIO(to_csv(Host.objects.order_by("name")).removeprefix("\ufeff"))))
    assert len(table) == Host.objects.count() + 1
    for cell in (cell for row in table for cell in row if cell):
        assert cell[0] not in "=+-@\t\r\n＝＋－＠'", cell


def test_A28_ansible_evaluates_nothing_of_the_exported_inventory(odd, tmp_path) -> None:
    path = tmp_path / "hosts.ini"
    path.write_text(to_ini(Host.objects.order_by("name")), encoding="utf-8")
    assert "{{" not in path.read_text()
    ansible = Path(sys.executable).parent / "ansible-inventory"
    done = subprocess.run(
        [ansible, "-i", path, "--list"], capture_output=True, text=True, check=True, cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    found = parse(done.stdout, "script")
    assert sorted(entry.name for entry in found.entries) == [name for name, *_rest in odd]
    assert {entry.name: entry.address for entry in found.entries}["odd"] == "fe80::1"


def test_a_preview_says_what_would_change_and_changes_nothing() -> None:
    admin = Api("admin")
    Host.objects.create(name="web-01", address="10.0.0.1", groups=["web"])
    text = "[web]\nweb-01 ansible_host=10.0.0.9\nweb-02\n"
    said = admin.post("hosts/import", {"text": text, "dry_run": True}).json()
    assert (said["dry_run"], said["created"], said["updated"], said["unchanged"]) == (True, 1, 1, 0)
    assert {"name": "web-02", "change": "created", "changes": []} in said["changes"]
    [changed] = [change for change in said["changes"] if change["name"] == "web-01"]
    assert changed["changes"] == [{"field": "address", "before": "10.0.0.1", "after": "10.0.0.9"}]
    assert said["missing_names"] == ["demo-01", "demo-02", "demo-03"]
    assert Host.objects.get(name="web-01").address == "10.0.0.1"
    assert not AdminEvent.objects.filter(kind="hosts.imported").exists()
    done = admin.post("hosts/import", {"text": text}).json()
    assert (done["dry_run"], done["created"], done["updated"]) == (False, 1, 1)
    [act] = AdminEvent.objects.filter(kind="hosts.imported")
    assert act.data["names"] == {"created": ["web-02"], "updated": ["web-01"]}
    assert HostGroup.objects.filter(name="web").exists()
    assert Host.objects.filter(name__startswith="demo").count() == 3


def test_what_a_file_does_not_speak_of_stays_as_it_is() -> None:
    Host.objects.create(
        name="web-01", address="10.0.0.1", port=2222, labels={"env": "prod"}, minion="m1", is_active=False,
        groups=["web"], variables={"a": "1"},
    )  # fmt: skip
    assert bring("name,user\nweb-01,deploy\n", "csv").counts()["updated"] == 1
    host = Host.objects.get(name="web-01")
    assert (host.address, host.port, host.labels, host.is_active, host.groups) == (
        "10.0.0.1", 2222, {"env": "prod"}, False, ["web"],
    )  # fmt: skip
    bring("name,address,disabled\nweb-01,,否\n", "csv")
    host.refresh_from_db()
    assert (host.address, host.is_active) == ("", True)


def test_I26_no_import_takes_a_host_out_of_a_group_that_limits() -> None:
    HostGroup.objects.create(name="pay", usable_by=[{"role": "dba"}])
    HostGroup.objects.create(name="web")
    Host.objects.create(name="pay-01", groups=["pay", "web"])
    outcome = bring("[db]\npay-01\n", "ini")
    assert [(odd["path"], odd["code"]) for odd in outcome.warnings] == [("line 2.groups", "limited_group_kept")]
    assert Host.objects.get(name="pay-01").groups == ["db", "pay"]


def test_a_minion_that_is_known_under_another_name_is_that_host() -> None:
    Host.objects.create(name="web-01", minion="web-01.example.com", address="10.0.0.1")
    outcome = bring('{"web-01.example.com": {"os": "Debian", "osrelease": "12"}, "m2": {}}', "salt")
    assert outcome.counts() == {"created": 1, "updated": 0, "unchanged": 1, "missing": 3}
    host = Host.objects.get(name="web-01")
    assert (host.facts, host.connection, host.address) == ({"os": "Debian 12"}, "ssh", "10.0.0.1")
    assert host.facts_at is not None
    assert Host.objects.get(name="m2").connection == "salt"


def upload(who: str, raw: bytes, name: str, **query: str):
    path = "/api/v1/hosts/import?" + "&".join(f"{key}={value}" for key, value in query.items())
    return Api(who).client.post(path, {"file": SimpleUploadedFile(name, raw)})


def minions() -> dict[str, str]:
    return dict(Host.objects.exclude(minion="").values_list("name", "minion"))


@pytest.mark.parametrize("connection", ["ssh", "salt"])
def test_hosts_exchange_their_minions_in_one_import(connection) -> None:
    for name, minion in (("web-01", "m1"), ("web-02", "m2"), ("web-03", "m3")):
        Host.objects.create(name=name, minion=minion, connection=connection)
    assert bring("name,minion\nweb-01,m2\nweb-02,m1\n", "csv").count("updated") == 2
    assert minions() == {"web-01": "m2", "web-02": "m1", "web-03": "m3"}
    bring("name,minion\nweb-01,m4\nweb-04,m2\n", "csv")
    assert minions() == {"web-01": "m4", "web-02": "m1", "web-03": "m3", "web-04": "m2"}


def test_a_minion_of_a_host_of_which_the_file_says_nothing_is_not_taken_from_it() -> None:
    Host.objects.create(name="web-01", minion="m1")
    Host.objects.create(name="web-02", minion="m2")
    with pytest.raises(Invalid) as refused:
        bring("web-01\nweb-02 baton_minion=m1\n", "ini")
    assert [(found["code"], "web-01" in found["message"]) for found in refused.value.errors] == [("minion_taken", True)]
    assert minions() == {"web-01": "m1", "web-02": "m2"}


def test_a_host_that_is_known_in_other_letters_is_named_and_nothing_breaks() -> None:
    Host.objects.create(name="web-01")
    with pytest.raises(Invalid) as refused:
        bring("name,address\nWEB-01,10.0.0.1\n", "csv")
    assert [(found["code"], "web-01" in found["message"]) for found in refused.value.errors] == [
        ("duplicate_host", True)
    ]


@pytest.mark.parametrize("name", ["export", "import", "check", "Export"])
def test_no_host_is_called_like_a_call_of_the_api_and_one_that_is_goes_on(name) -> None:
    with pytest.raises(Invalid) as refused:
        bring(f"name,address\n{name},10.0.0.1\n", "csv")
    assert [found["code"] for found in refused.value.errors] == ["reserved_name"]
    answer = Api("admin").post("hosts", {"name": name})
    assert (answer.status_code, codes(answer)) == (422, {("name", "reserved_name")})
    Host.objects.create(name=name)
    assert bring(f"name,address\n{name},10.0.0.1\n", "csv").count("updated") == 1
    targets, _site, wrong = resolve([name], "targets", executor="ansible", needed=True, applicant=None)
    assert ([target["name"] for target in targets], wrong) == ([name], [])


def test_files_are_uploaded_as_they_were_saved() -> None:
    raw = workbook(HEADING[:2], ["web-01", "10.0.0.1"])
    said = upload("admin", raw, "主机.xlsx", dry_run="true").json()
    assert (said["dry_run"], said["created"]) == (True, 1)
    assert not Host.objects.filter(name="web-01").exists()
    assert upload("admin", raw, "x.bin").json()["created"] == 1
    gbk = "主机名,地址\nweb-02,10.0.0.2\n".encode("gbk")
    assert upload("admin", gbk, "a.csv").json()["created"] == 1
    assert upload("heidi", raw, "a.xlsx").status_code == 403
    wrong = upload("admin", b"\xd0\xcf\x11\xe0" + b"x" * 600, "a.xls")
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "unreadable")
    assert upload("admin", raw, "a.xlsx", format="ini").status_code == 422


def test_A27_a_bad_row_of_a_workbook_is_named_and_nothing_is_taken() -> None:
    bad = [["=cmd|' /C calc'!A0", "10.0.0.2"], ["web-03", "-oProxyCommand=x"]]
    raw = workbook(HEADING[:2], ["web-01", "10.0.0.1"], *bad)
    answer = upload("admin", raw, "a.xlsx")
    assert answer.status_code == 422
    assert [found["path"] for found in answer.json()["errors"]] == ["line 3.name", "line 4.address"]
    assert not Host.objects.filter(name="web-01").exists()


def test_an_export_is_for_operators_filtered_and_in_the_trail() -> None:
    Host.objects.create(name="web-01", address="10.0.0.1", groups=["web"])
    answer = Api("admin").get("hosts/export", format="csv", group="web")
    assert answer["Content-Disposition"] == 'attachment; filename="hosts.csv"'
    assert [row[0] for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))] == ["name", "web-01"]
    [act] = AdminEvent.objects.filter(kind="hosts.exported")
    assert act.data == {"format": "csv", "filters": {"format": "csv", "group": "web"}, "hosts": 1}


def test_the_commands(tmp_path, capsys) -> None:
    path = tmp_path / "hosts.xlsx"
    path.write_bytes(workbook(HEADING[:2], ["web-01", "10.0.0.1"]))
    call_command("hosts", "import", str(path), "--dry-run")
    assert "created web-01" in capsys.readouterr().out
    call_command("hosts", "import", str(path))
    assert "1 created" in capsys.readouterr().out
    call_command("hosts", "export", "--format", "csv")
    assert "web-01,10.0.0.1" in capsys.readouterr().out
    call_command("hosts", "list", "--group", "demo")
    assert capsys.readouterr().out.count("\n") == 3
    with pytest.raises(CommandError, match="No such file"):
        call_command("hosts", "import", str(tmp_path / "none"))
    assert AdminEvent.objects.get(kind="hosts.imported").channel == "system"


def test_five_thousand_hosts_are_imported_in_a_bounded_number_of_statements() -> None:
    text = "[web]\nweb-[0001:5000]\n"
    with counted() as statements:
        assert bring(text, "ini").counts()["created"] == 5000
    assert len(statements) < 25, len(statements)
    assert bring(text, "ini").counts()["unchanged"] == 5000
