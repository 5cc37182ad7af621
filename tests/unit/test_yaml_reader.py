"""Reading hostile YAML: limited, and only plain data results (B8, I16)."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from common.yaml_reader import DOCUMENT, INVENTORY, Unreadable, read, read_file
from tests.within import within

MAX_BYTES, MAX_PARTS, MAX_DEPTH = DOCUMENT


def refused(text: str | bytes) -> str:
    with pytest.raises(Unreadable) as error:
        read(text)
    return error.value.code


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        ("a: -7", {"a": -7}),
        ("a: 1.5", {"a": 1.5}),
        ("a: 1e3", {"a": 1000.0}),
        ("a: true", {"a": True}),
        ("a: false", {"a": False}),
        ("a: null", {"a": None}),
        ("a: ~", {"a": None}),
        ("a:", {"a": None}),
        ("a: ''", {"a": ""}),
        ("a: '1'", {"a": "1"}),
        ('a: "true"', {"a": "true"}),
        ("[True, TRUE, False, FALSE]", [True, True, False, False]),
        ("[Null, NULL, tRue, 'True']", [None, None, "tRue", "True"]),
        ("a: No", {"a": "No"}),
        ("a: yes", {"a": "yes"}),
        ("a: off", {"a": "off"}),
        ("a: 12:30", {"a": "12:30"}),
        ("a: 2026-11-21", {"a": "2026-11-21"}),
        ("a: 0x10", {"a": "0x10"}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: .nan", {"a": ".nan"}),
        ("a: .inf", {"a": ".inf"}),
        ("a: =", {"a": "="}),
        ("- 1\n- [2, {b: c}]", [1, [2, {"b": "c"}]]),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
        ("1: one", {"1": "one"}),
        ("", None),
        ("# only words", None),
        ("中: 文", {"中": "文"}),
        ("'<<': {a: 1}", {"<<": {"a": 1}}),
        ("mode: 0644", {"mode": "0644"}),
        ("007: -010", {"007": "-010"}),
        ("[0, -0, 0.5, 00.5, 10]", [0, 0, 0.5, "00.5", 10]),
        ("1.50: True", {"1.50": True}),
        ("%YAML 1.2\n---\na: 1", {"a": 1}),
        ('{"a": [1, "b\\n"]}', {"a": [1, "b\n"]}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    ],
)
def test_what_is_read(text, value) -> None:
    data, repeated = read(text)
    assert data == value
    assert repeated == []
    assert read(text.encode())[0] == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &x 1\nb: *x", "yaml_feature"),
        ("a: &x [1]", "yaml_feature"),
        ("a: *x", "yaml_feature"),
        ("<<: {a: 1}", "yaml_feature"),
        ("a: {b: 1, <<: [{c: 2}]}", "yaml_feature"),
        ("a: !!python/object/apply:os.system ['id']", "yaml_feature"),
        ("a: !!str 1", "yaml_feature"),
        ("a: !unsafe x", "yaml_feature"),
        ("!!map {a: 1}", "yaml_feature"),
        ("!!binary aGk=", "yaml_feature"),
        ("a: 1\n---\nb: 2", "yaml_feature"),
        ("a:\n\tb: 1", "malformed_yaml"),
        ("\ta: 1", "malformed_yaml"),
        ("a: [1", "malformed_yaml"),
        ("a: }", "malformed_yaml"),
        ("a: 'x", "malformed_yaml"),
        ("a: b: c", "malformed_yaml"),
        ("? [a]\n: 1", "malformed_yaml"),
        ("? {a: 1}\n: 1", "malformed_yaml"),
        ("~: 1", "malformed_yaml"),
        ("a: 1e400", "malformed_yaml"),
        ("a: -1e400", "malformed_yaml"),
        ("a: \x00", "malformed_yaml"),
        ("a: \x07", "malformed_yaml"),
        ('a: "\\ud800"', "malformed_yaml"),
        ("%YAML 9.9\n---\na", "malformed_yaml"),
        ("a: \ud800", "malformed_yaml"),
    ],
)
def test_what_is_refused(text, code) -> None:
    assert refused(text) == code


@pytest.mark.parametrize("raw", [b"a: \xff", b"\xff\xfea\x00", b"a: \xed\xa0\x80", b"\xc0\xaf: 1"])
def test_only_utf8_is_read(raw) -> None:
    assert refused(raw) == "malformed_yaml"


def test_every_duplicate_key_is_named_with_its_path() -> None:
    data, repeated = read("a: 1\nb: [{c: 1, c: 2}]\na: 2\n'a': 3\n1: x\n'1': y")
    assert [finding.path for finding in repeated] == ["b[0].c", "a", "a", "1"]
    assert [finding.line for finding in repeated] == [2, 3, 4, 6]
    assert data["a"] == 3


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 5000, "too_many_parts"),
        ("{a: " * 5000, "too_many_parts"),
        ("- " * 5000 + "x", "too_many_parts"),
        ("".join("  " * depth + "a:\n" for depth in range(300)), "too_many_parts"),
        ("[" + "1," * MAX_PARTS + "]", "too_many_parts"),
        ("a: " + "x" * MAX_BYTES, "too_large"),
        ("#" * (MAX_BYTES + 1), "too_large"),
        ("a: 中" * MAX_BYTES, "too_large"),
    ],
    ids=["lists", "maps", "dashes", "blocks", "items", "scalar", "comment", "bytes-not-characters"],
)
def test_size_and_depth_are_bounded(text, code) -> None:
    with within(2):
        assert refused(text) == code


def test_the_limits_themselves_are_allowed() -> None:
    assert len(read("[" + "1," * (MAX_PARTS - 1) + "]")[0]) == MAX_PARTS - 1
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH)[0]
    assert read("a: " + "x" * (MAX_BYTES - 3))[0]["a"]


def test_five_megabytes_are_refused_at_once() -> None:
    with within(0.5):
        assert refused(b"- {a: b, c: [d, e, f]}\n" * 220_000) == "too_large"


def test_a_billion_laughs_are_not_heard() -> None:
    bomb = "a: &a [x]\n" + "".join(
        f"{c}: &{c} [*{p},*{p},*{p},*{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert refused(bomb) == "yaml_feature"


def test_a_refusal_says_where() -> None:
    with pytest.raises(Unreadable) as error:
        read("a: 1\nb: [1,\n")
    assert error.value.where == "line 3"
    assert "line 3, column 1" in error.value.message


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ("a: [x, &y z]", "yaml_feature", "a[1]"),
        ("a: {b: *c}", "yaml_feature", "a.b"),
        ("a: [{b: 1}, {b: [!x 1]}]", "yaml_feature", "a[1].b[0]"),
        ("a: {b: 1e400}", "malformed_yaml", "a.b"),
        ("- -1e999", "malformed_yaml", "[0]"),
        ("&x a", "yaml_feature", ""),
        ("a: {&x b: 1}", "yaml_feature", "a"),
        ("a: {? [b] : 1}", "malformed_yaml", "a"),
        ('a: {b: "\\0"}', "control_characters", "a.b"),
        ('a: ["x", "\\e"]', "control_characters", "a[1]"),
        ('a: {"\\x01": 1}', "control_characters", "a"),
    ],
)
def test_where_it_stands(text, code, path) -> None:
    with pytest.raises(Unreadable) as error:
        read(text)
    assert (error.value.code, error.value.path) == (code, path)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: &x 2\nc: *x\n", 2, "anchors"),
        ("a: 1\nb: 2\nc: *x\n", 3, "anchors"),
        ("a: 1\n<<: {b: 2}\n", 2, "merge keys"),
        ("a: 1\n\nb: !vault x\n", 3, "tags"),
        ("a: 1\n---\nb: 2\n", 2, "---"),
    ],
)
def test_A20_the_first_of_what_is_not_read_is_refused_with_its_line(text, line, words) -> None:
    with pytest.raises(Unreadable) as error:
        read(text, INVENTORY)
    with translation.override("en"):
        assert words in error.value.message
    assert (error.value.line, error.value.where) == (line, f"line {line}")


def test_no_more_of_a_file_is_taken_than_may_be_read(tmp_path) -> None:
    path = tmp_path / "much.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 36)  # 64 GB, of which nothing is on the disk
    with pytest.raises(Unreadable) as error:
        read_file(path)
    assert error.value.code == "too_large"


def test_a_large_inventory_is_read_in_time() -> None:
    line = "    host-{0}: {{ansible_host: 10.0.0.1, ansible_port: 22, rack: A1}}\n"
    text = "all:\n  hosts:\n" + "".join(map(line.format, range(20_000)))
    with within(10):
        data, repeated = read(text, INVENTORY)
        assert (len(data["all"]["hosts"]), repeated) == (20_000, [])


def test_I16_nothing_else_reads_yaml() -> None:
    """The sandbox stands outside the house, and reads a file that its own operator names.

    Playbooks are Ansible's language, with aliases and tags that the house's reader refuses. Two places look into those
    of a reviewed action, by safe loaders that make plain data: before it is taken, and inside Ansible's own process.
    """
    readers = []
    for app in (
        "accounts",
        "automation",
        "common",
        "config",
        "demo",
        "notify",
        "reports",
        "templates_engine",
        "tickets",
    ):
        for path in sorted((settings.ROOT / app).rglob("*.py")):
            calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
            loads = {node.attr for node in calls if isinstance(node.value, ast.Name) and node.value.id == "yaml"}
            if any(name.endswith(("load", "load_all", "Loader")) or name in ("parse", "scan") for name in loads):
                readers.append(path.relative_to(settings.ROOT))
    ansible = Path("automation/executors/ansible")
    assert readers == [ansible / "inside/baton_masks.py", ansible / "playbook.py", Path("common/yaml_reader.py")]
    for path in readers[:2]:
        text = (settings.ROOT / path).read_text()
        assert "safe_load(" in text or "class _Reader(yaml.SafeLoader)" in text
