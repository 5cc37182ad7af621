"""Inventories of Ansible, Salt and Excel as they really are, and hostile ones (A27, A28, A30, A42, A47)."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from django.utils import translation

from automation.inventory.parse import guess, parse, parse_bytes
from automation.inventory.problems import Unreadable
from automation.inventory.ranges import expand
from automation.inventory.workbook import BLANKS
from tests.within import within


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def hosts(text: str, kind: str) -> dict[str, tuple]:
    return {
        entry.name: (entry.address, entry.port, sorted(entry.groups), entry.variables)
        for entry in parse(text, kind).entries
    }


def refused(text: str | bytes, kind: str | None = None) -> list[tuple[str, str]]:
    with pytest.raises(Unreadable) as error:
        parse_bytes(text, kind) if isinstance(text, bytes) else parse(text, kind or guess(text))
    return [(found["path"], found["code"]) for found in error.value.errors]


INI = """
bastion ansible_host=10.0.0.9 ansible_python_interpreter=/usr/bin/python3
[web]
web-[01:03].example.com ansible_port=2222
[db]
db-[a:c]:2200 rack=r1
[prod:children]
web
db
[prod:vars]
tier=prod   # a comment
ansible_user=deploy
[db:vars]
tier=data
[all:vars]
company="示例 科技"
"""
SCRIPT = json.dumps(
    {
        "_meta": {"hostvars": {"db-a": {"ansible_port": 2200, "rack": "r1"}}},
        "db": {"hosts": ["db-a"], "vars": {"tier": "data"}},
        "web": ["web-01"],
        "prod": {"children": ["web", "db"], "vars": {"tier": "prod", "ansible_user": "deploy"}},
        "all": {"vars": {"company": "示例 科技"}},
    }
)
YAML = """
all:
  vars: {company: 示例 科技}
  children:
    prod:
      vars: {tier: prod, ansible_user: deploy}
      children:
        web: {hosts: {"web-[01:02]": {}}}
        db: {hosts: {db-a: {ansible_port: 2200, rack: r1}}, vars: {tier: data}}
"""


def test_ini_with_ranges_children_and_variables() -> None:
    found = hosts(INI, "ini")
    assert list(found) == ["bastion", *(f"web-0{n}.example.com" for n in (1, 2, 3)), "db-a", "db-b", "db-c"]
    company = {"company": "示例 科技"}
    assert found["bastion"] == ("10.0.0.9", 22, [], company)
    assert found["web-02.example.com"] == ("", 2222, ["prod", "web"], {"tier": "prod"} | company)
    assert found["db-b"] == ("", 2200, ["db", "prod"], {"tier": "data", "rack": "r1"} | company)
    parsed = parse(INI, "ini")
    assert {entry.user for entry in parsed.entries} == {"root", "deploy"}
    assert [(odd["path"], odd["code"]) for odd in parsed.odd] == [("ansible_python_interpreter", "passed_over")]


@pytest.mark.parametrize(("text", "kind"), [(SCRIPT, "script"), (YAML, "yaml")])
def test_what_a_dynamic_inventory_printed_and_yaml_mean_the_same(text: str, kind: str) -> None:
    assert guess(text) == kind
    found = hosts(text, kind)
    assert found["db-a"] == ("", 2200, ["db", "prod"], {"tier": "data", "rack": "r1", "company": "示例 科技"})
    assert found["web-01"][2:] == (["prod", "web"], {"tier": "prod", "company": "示例 科技"})
    assert {entry.user for entry in parse(text, kind).entries} == {"deploy"}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("a", ["a"]),
        ("a[1:3]", ["a1", "a2", "a3"]),
        ("a[08:10]b", ["a08b", "a09b", "a10b"]),
        ("r[a:c]-[1:2]", ["ra-1", "ra-2", "rb-1", "rb-2", "rc-1", "rc-2"]),
        ("a[0:6:3]", ["a0", "a3", "a6"]),
    ],
)
def test_ranges(pattern: str, names: list[str]) -> None:
    assert expand(pattern) == names


@pytest.mark.parametrize(
    "pattern", ["a[3:1]", "a[1:99999]", "a[1:9:0]", "a[a:3]", "a[a:F]", "a[0:999999999999]", "a[1:999][1:999]"]
)
def test_A47_ranges_that_are_empty_mixed_or_without_end(pattern: str) -> None:
    assert refused(f"ok\n{pattern}\n", "ini") == [("line 2", "unreadable")]


@pytest.mark.parametrize(
    ("text", "kind", "path", "code"),
    [
        ("[a:children]\nb\n[b:children]\na\n[b]\nh\n", "ini", "line 2", "group_circle"),
        ("[web:vars]\n\nansible_password=x\n[web]\nw\n", "ini", "line 3", "secret"),
        ("[web:vars]\nansible_become_pass='x y'\n", "ini", "line 2", "secret"),
        ("all: {vars: {api_token: x}}", "yaml", "all.vars.api_token", "secret"),
        ("all: {vars: {x: '$ANSIBLE_VAULT;1.1;AES256 61'}}", "yaml", "all.vars.x", "secret"),
        ("all:\n  vars:\n    x: !vault |\n      1\n", "yaml", "line 3", "unreadable"),
        ("all: {hosts: [a, b]}", "yaml", "all.hosts", "unreadable"),
        ("[web:hosts]\nw\n", "ini", "line 1", "unreadable"),
        ('{"web": {"hosts": {"a": 1}}}', "script", "web.hosts", "unreadable"),
        ('{"web": {"hosts": ["a"], "vars": {"db_password": 1}}}', "script", "web.vars.db_password", "secret"),
        ("[" * 100_000, "script", "line 1", "unreadable"),
        ("[" * 300 + "]" * 300, "salt", "", "unreadable"),
        ('{"a": NaN', "script", "line 1", "unreadable"),
        ("", "script", "", "unreadable"),
        ("[1] [2]", "script", "", "unreadable"),
    ],
)
def test_A28_A47_what_cannot_be_taken_says_where(text: str, kind: str, path: str, code: str) -> None:
    assert (path, code) in refused(text, kind)


def test_I24_a_vaulted_value_points_at_credentials() -> None:
    with pytest.raises(Unreadable) as error:
        parse("all:\n  vars:\n    x: !vault |\n      1\n", "yaml")
    assert "credentials" in error.value.errors[0]["message"]


GRAINS = {
    "os": "Debian", "osrelease": "12", "kernel": "Linux", "kernelrelease": "6.1.0", "cpuarch": "x86_64",
    "num_cpus": 4, "mem_total": 7953, "ipv4": ["127.0.0.1", "10.0.0.4"], "pythonversion": [3, 11, 2, "final", 0],
}  # fmt: skip


def test_salts_keys_and_grains() -> None:
    keys = json.dumps({"minions": ["m1", "m2"], "minions_pre": ["evil"], "minions_rejected": [], "minions_denied": []})
    up, status = json.dumps(["m1"]), json.dumps({"up": ["m1"], "down": ["m2"]})
    each = json.dumps({"m1": GRAINS}, indent=4) + "\n" + json.dumps({"m2": False}, indent=4)
    for text, names in ((keys, ["m1", "m2"]), (up, ["m1"]), (status, ["m1", "m2"]), (each, ["m1", "m2"])):
        assert guess(text) == "salt"
        found = parse(text, "salt")
        assert [(entry.name, entry.minion) for entry in found.entries] == [(name, name) for name in names]
    found = parse(each, "salt")
    assert [(odd["path"], odd["code"]) for odd in found.odd] == [("m2", "no_answer")]
    assert found.entries[0].address == "10.0.0.4"
    assert found.entries[0].facts == {
        "os": "Debian 12", "kernel": "Linux 6.1.0", "arch": "x86_64", "cpus": "4",
        "memory": "7953 MB", "python": "3.11.2",
    }  # fmt: skip


def test_A35_what_a_minion_says_of_itself_is_cut_and_cleaned() -> None:
    said = GRAINS | {"os": "x\x1b[31m\n" + "y" * 5000, "ipv4": "10.0.0.1", "num_cpus": {"a": 1}}
    [entry] = parse(json.dumps({"m1": said}), "salt").entries
    assert entry.facts["os"].startswith("x [31m y")
    assert len(entry.facts["os"]) == 200
    assert entry.address == ""


def workbook(*rows: list, sheet: str = "主机", before: str | None = None) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    if before:
        page.append([before])
        page = book.create_sheet(sheet)
    for row in rows:
        page.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


HEADING = ["主机名", "IP地址", "端口", "用户", "分组", "标签", "站点", "", ""]


def test_a_workbook_as_people_keep_it() -> None:
    first = ["web-01", "10.0.0.1", 22.0, "deploy", "web、prod", "env=prod 核心=是", "sz"]
    second = ["web-02", "10.0.0.2", None, "", "", "", "", None, None]
    rows: list[list[Any]] = [["华东机房主机清单"], [], HEADING, first, [None] * 9, second, [""] * 9]
    for raw in (workbook(*rows), workbook(*rows, before="说明")):
        found = parse_bytes(raw, None, "主机.xlsx").entries
        assert [(entry.name, entry.address, entry.port, entry.path) for entry in found] == [
            ("web-01", "10.0.0.1", 22, "line 4"), ("web-02", "10.0.0.2", 22, "line 6"),
        ]  # fmt: skip
        assert (found[0].groups, found[0].site, found[0].user) == (["web", "prod"], "sz", "deploy")
        assert found[0].labels == {"env": "prod", "核心": "是"}
        assert "labels" in found[1].columns


def test_chinese_headings_in_csv_and_full_width_separators() -> None:
    text = "主机名；地址；端口；分组\r\nweb-01；10.0.0.1；2222；web\r\n；；；\r\n"
    assert guess(text) == "csv"
    assert hosts(text, "csv") == {"web-01": ("10.0.0.1", 2222, ["web"], {})}
    raw = text.replace("；", ";").encode("gbk")
    assert [entry.port for entry in parse_bytes(raw, None).entries] == [2222]


def test_a_workbook_with_one_host_at_two_addresses_names_both_rows() -> None:
    assert refused(workbook(HEADING[:2], ["w", "10.0.0.1"], ["w", "10.0.0.2"])) == [("line 3.address", "two_ways")]


@pytest.mark.parametrize(
    "raw",
    [
        workbook(["x"], ["y"]),
        workbook(),
        b"PK\x03\x04" + b"\0" * 100,
        workbook(HEADING)[:-40],
        b"PK\x03\x04",
    ],
    ids=["no heading", "empty", "noise", "cut off", "four bytes"],
)
def test_A42_workbooks_that_are_none(raw: bytes) -> None:
    [(_path, code)] = refused(raw)
    assert code == "unreadable"


def packed(sheet: str, **more: str) -> bytes:
    """A workbook whose sheet is this XML."""
    source, target = io.BytesIO(workbook(HEADING)), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else more.get(name, old.read(name)))
    return target.getvalue()


def test_A42_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    raw = packed("<worksheet>" + " " * 200_000_000 + "</worksheet>")
    assert len(raw) < 1_000_000
    with within(1):
        assert refused(raw) == [("", "unreadable")]


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
    ids=["entities", "external", "external entity"],
)
def test_A20_A42_a_workbook_with_a_dtd_is_refused(head: str) -> None:
    inner = head + (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        '<c r="A1" t="inlineStr"><is><t>name&b;&a;</t></is></c></row></sheetData></worksheet>'
    )
    assert refused(packed(inner))[0][1] == "unreadable"


def test_A42_a_row_far_below_does_not_make_a_million_rows() -> None:
    cell = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>{1}</t></is></c></row>'
    rows = cell.format(1, "name") + cell.format(2, "web-01") + cell.format(1_000_000, "web-02")
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    raw = packed(
        f'<worksheet xmlns="{space}"><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>'
    )
    with within(5):
        assert [entry.name for entry in parse_bytes(raw, None).entries] == ["web-01"]
    assert BLANKS < 1_000_000


def test_A29_a_script_is_never_run(tmp_path) -> None:
    mark = tmp_path / "ran"
    script = f"#!/bin/sh\ntouch {mark}\necho '{{}}'\n"
    assert refused(script, "script")
    assert not mark.exists()
