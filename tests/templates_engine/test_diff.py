"""Two versions compared in words."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given
from hypothesis import strategies as st

from demo import TEMPLATES
from templates_engine.compare.change_messages import CHANGES
from templates_engine.compare.diff import Change, compare
from templates_engine.store import queries
from templates_engine.text import localize
from tests.api.calls import Api
from tests.factories import approval, document, template
from tests.templates_engine.test_proofs import branch, fork

WHO = {"manager": 1}
FIELD = {"key": "n", "type": "number", "label": "N", "max": 5}


def changes(old, new) -> list[Change]:
    """What two (chain, form, other parts) differ in."""
    return compare(*(json.loads(document(*side[:2], **(side[2] if len(side) > 2 else {}))) for side in (old, new)))


def said(old, new, language="en") -> list[tuple[str, str]]:
    return [(change.path, localize(change.message, language)) for change in changes(old, new)]


def chains(old, new) -> list[tuple[str, str]]:
    return said((old, []), (new, []))


def forms(old, new) -> list[tuple[str, str]]:
    chain = [approval("a", WHO)]
    return said((chain, old), (chain, new))


def test_the_same_is_no_change() -> None:
    for path in TEMPLATES.glob("*.yaml"):
        from templates_engine.reading.yaml_reader import read

        whole, _repeated = read(path.read_bytes())
        assert compare(whole, whole) == []


def test_every_difference_of_real_templates_is_said_in_both_languages() -> None:
    from templates_engine.reading.yaml_reader import read

    folder = Path(__file__).resolve().parent / "documents" / "valid"
    whole = [read(path.read_bytes())[0] for path in sorted(folder.glob("*.yaml"))]
    for old, new in product(whole, whole):
        found = compare(old, new)
        assert bool(found) is (old != new)
        for change in found:
            for language in ("zh", "en"):
                assert localize(change.message, language)


def test_parts_of_the_template() -> None:
    chain = [approval("a", WHO)]
    old: tuple[Any, ...] = (chain, [], {"name": "T", "category": "x", "rating": False})
    new: tuple[Any, ...] = (
        chain,
        [],
        {"name": {"zh": "新", "en": "New"}, "rating": True, "dedup": "all", "visible_to": [{"role": "dba"}]},
    )
    assert said(old, new) == [
        ("name", "name: T → New."),
        ("visible_to", "audience added: {role: dba}."),
        ("dedup", "people asked once added: all."),
        ("rating", "rating: no → yes."),
        ("category", "category taken out (was x)."),
    ]
    assert ("name", "名称：T → 新。") in said(old, new, "zh")


def test_fields_come_and_go() -> None:
    other = {"key": "t", "type": "text", "label": "T"}
    assert forms([FIELD], [FIELD, other]) == [("form[1]", "Field t added (text).")]
    assert forms([other, FIELD], [FIELD]) == [("form[0]", "Field t taken out.")]
    assert forms([other, FIELD], [FIELD, other]) == [("form", "The order of the fields: n, t.")]


@pytest.mark.parametrize(
    ("new", "path", "words"),
    [
        ({"max": 9}, "form[0].max", "Field n: largest value: 5 → 9."),
        ({"min": 1}, "form[0].min", "Field n: smallest value added: 1."),
        ({"max": None}, "form[0].max", "Field n: largest value taken out (was 5)."),
        ({"required": True}, "form[0].required", "Field n: required added: yes."),
        ({"label": {"zh": "数", "en": "Count"}}, "form[0].label", "Field n: label: N → Count."),
        ({"type": "money"}, "form[0].type", "Field n: type: number → money."),
        ({"hidden_at": ["a"]}, "form[0].hidden_at", "Field n: nodes where it is hidden added: a."),
        ({"visible_when": "true"}, "form[0].visible_when", "Field n: condition for showing added: true."),
    ],
)
def test_a_field_changes(new, path, words) -> None:
    changed = {key: value for key, value in {**FIELD, **new}.items() if value is not None}
    assert forms([FIELD], [changed]) == [(path, words)]


def test_options() -> None:
    def one(*options):
        return {"key": "s", "type": "select", "label": "S", "options": list(options)}

    assert forms([one("a", "b")], [one("b", {"value": "c", "label": "C"})]) == [
        ("form[0].options", "Field s: options added: c."),
        ("form[0].options", "Field s: options taken out: a."),
    ]
    assert [code for code, _ in forms([one("a", "b")], [one("b", "a")])] == ["form[0].options"]


def test_nodes_come_go_and_move() -> None:
    a, b, c = (approval(key, WHO) for key in "abc")
    assert chains([a], [a, b]) == [("chain[1]", "Node b added (approval), behind a.")]
    assert chains([a, b], [b]) == [("chain[0]", "Node a taken out (approval); it was at the beginning.")]
    assert chains([a, b, c], [b, c, a]) == [("chain[2]", "Node a moved: at the beginning → behind c.")]
    assert chains([a, b, c], [a, c, b])[0][1].startswith("Node ")
    moved = chains([a, b, branch("x", ("true", []), [])], [a, branch("x", ("true", [b]), [])])
    assert moved == [("chain[1].cases[0].chain[0]", "Node b moved: behind a → at the beginning of true of x.")]


def test_a_new_node_before_others_moves_nobody() -> None:
    a, b, c = (approval(key, WHO) for key in "abc")
    assert [words for _path, words in chains([b, c], [a, b, c])] == ["Node a added (approval), at the beginning."]


def test_rules_and_settings() -> None:
    old = approval("a", WHO, {"role": "dba"}, mode="any", due="4h")
    new = approval("a", WHO, {"department_head": 1}, mode={"ratio": 0.6}, on_empty="block")
    assert chains([old], [new]) == [
        ("chain[0].mode", "Node a: mode: any one → {ratio: 0.6}."),
        ("chain[0].on_empty", "Node a: when nobody is found added: block."),
        ("chain[0].due", "Node a: time limit taken out (was 4h)."),
        ("chain[0].approvers", "Node a: approvers: {department_head: 1} added."),
        ("chain[0].approvers", "Node a: approvers: {role: dba} taken out."),
    ]
    turned = chains([approval("a", WHO, {"role": "dba"})], [approval("a", {"role": "dba"}, WHO)])
    assert turned == [
        ("chain[0].approvers", "Node a: approvers: {manager: 1}, {role: dba} → {role: dba}, {manager: 1}.")
    ]


def test_parameters_one_by_one() -> None:
    run = {"node": "run", "type": "automation", "action": "service.restart", "params": {"service": "'a'", "x": 1}}
    changed = run | {"params": {"service": "form.s", "y": True}}
    assert chains([run], [changed]) == [
        ("chain[0].params.service", "Node run: parameters.service: 'a' → form.s."),
        ("chain[0].params.y", "Node run: parameters.y added: yes."),
        ("chain[0].params.x", "Node run: parameters.x taken out (was 1)."),
    ]


def test_cases() -> None:
    def two(*cases):
        rows = [{"name": name, "when": when, "chain": []} for name, when in cases]
        return [{"node": "b", "type": "branch", "cases": [*rows, {"otherwise": True, "chain": []}]}]

    large, small = ("Large", "form.n > 5"), ("Small", "form.n < 2")
    assert chains(two(large), two(large, small)) == [("chain[0].cases[1]", "Node b: case Small added.")]
    assert chains(two(large, small), two(small)) == [("chain[0].cases[0]", "Node b: case Large taken out.")]
    assert chains(two(large), two(("Large", "form.n > 9"))) == [
        ("chain[0].cases[0].when", "Node b, case Large: its condition: form.n > 5 → form.n > 9.")
    ]
    assert chains(two(large), two(("Big", "form.n > 5"))) == [
        ("chain[0].cases[0]", "Node b: case Large is now called Big.")
    ]
    (order,) = chains(two(large, small), two(small, large))
    assert order[1].startswith("Node b: the order of its cases: Small, Large, otherwise.")


def test_nodes_stay_in_their_case_when_cases_change_places() -> None:
    a, b = approval("a", WHO), approval("b", WHO)
    old = [branch("x", ("form.n > 5", [a]), ("form.n > 2", [b]), [])]
    new = [branch("x", ("form.n > 2", [b]), ("form.n > 5", [a]), [])]
    assert [change.code for change in changes((old, []), (new, []))] == ["cases_reordered"]


def test_branches_of_a_fork() -> None:
    a, b = approval("a", WHO), approval("b", WHO)
    assert [change.code for change in changes(([fork("f", [a], [])], []), ([fork("f", [a], [], [b])], []))] == [
        "case_added",
        "node_added",
    ]


@pytest.mark.parametrize("code", CHANGES)
def test_both_languages_say_the_same(code) -> None:
    from tests.unit.test_findings import placeholders

    zh, en = CHANGES[code]
    assert placeholders(zh) == placeholders(en)
    assert not any("\u4e00" <= character <= "\u9fff" for character in en)


def test_braces_in_values_are_not_placeholders() -> None:
    words = chains([approval("a", WHO, name="{x}")], [approval("a", WHO, name="{__class__}")])
    assert words == [("chain[0].name", "Node a: name: {x} → {__class__}.")]


@pytest.mark.usefixtures("world")
class TestTheDoors:
    """The command and the API."""

    @staticmethod
    def two_versions() -> None:
        template([approval("a", WHO)])
        template([approval("a", WHO), approval("b", {"role": "dba"})])

    def test_the_command(self, capsys, tmp_path) -> None:
        self.two_versions()
        call_command("template", "diff", "t", "1", "2")
        assert "chain[1]" in capsys.readouterr().out
        file = tmp_path / "t.yaml"
        file.write_text(document([approval("a", WHO)]))
        call_command("template", "diff", "t", str(file))
        assert "chain[1]" in capsys.readouterr().out
        call_command("template", "diff", "t", "1", str(file))
        assert capsys.readouterr().out == ""

    @pytest.mark.parametrize("sides", [["1", "9"], ["1", "2", "3"], ["no-such-file"]])
    def test_what_is_not_there(self, sides) -> None:
        self.two_versions()
        with pytest.raises(CommandError):
            call_command("template", "diff", "t", *sides)

    def test_the_api(self) -> None:
        self.two_versions()
        answer = Api("admin").get("templates/t/diff", **{"from": 1, "to": 2})
        assert answer.status_code == 200
        (change,) = answer.json()["changes"]
        assert (change["path"], change["code"]) == ("chain[1]", "node_added")
        assert Api("admin").get("templates/t/diff").json()["changes"] == []
        assert Api("admin").get("templates/t/diff", to=9).status_code == 404
        assert Api("admin").get("templates/none/diff", to=2).status_code == 404

    def test_I23_drafts_are_compared_by_publishers_only(self) -> None:
        self.two_versions()
        assert Api("alice").get("templates/t/diff", to=2).status_code == 403
        assert queries.version_of("t", 2).number == 2


# --- names and words ------------------------------------------------------------------------------------------------

KEY_WORDS = ["any", "all", "approve", "none", "veto", "escalate", "everyone", "continue"]
OPTION = {"key": "s", "type": "select", "label": "S", "options": ["x"]}


@pytest.mark.parametrize("word", KEY_WORDS)
def test_what_an_author_calls_something_is_no_key_word(word) -> None:
    chain = [approval("a", WHO)]
    hook = {"node": "w", "type": "webhook", "url": "https://x.example.com/", "body": {"mode": 1}}
    named = [
        said((chain, []), (chain, [], {"name": word}), "zh"),
        said((chain, [OPTION]), (chain, [OPTION | {"options": ["x", word]}]), "zh"),
        said(([approval("a", {"role": "dba"})], []), ([approval("a", {"role": word})], []), "zh"),
        said((chain, []), (chain, [], {"visible_to": [{"role": word}]}), "zh"),
        said(([*chain, hook], []), ([*chain, hook | {"body": {"mode": [word]}}], []), "zh"),
    ]
    for rows in named:
        assert rows
        assert any(word in message for _path, message in rows), rows


def test_key_words_are_translated_under_their_keys() -> None:
    old, new = approval("a", WHO, mode="any", on_empty="block"), approval("a", WHO, mode="all", on_empty="escalate")
    assert [message for _path, message in said(([old], []), ([new], []), "zh")] == [
        "节点 a 的审批方式：或签 → 会签。",
        "节点 a 的找不到人时：停住 → 上报。",
    ]
    assert said(([old], [], {}), ([old], [], {"visible_to": ["everyone"]}), "zh")[0][1].endswith("所有人。")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "any", "x", "{0}", "{after}", "%s", "中"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["zh", "en", "value", "label", "options", "mode", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(old=JSON, new=JSON)
def test_any_literal_of_a_body_can_be_compared(old, new) -> None:
    """Such as {on: {zh: 1}}, which looks like a text and is none."""
    hooks = ({"node": "w", "type": "webhook", "body": {"on": value, "x": [value]}} for value in (old, new))
    found = compare(*({"form": [], "chain": [hook]} for hook in hooks))
    assert bool(found) is (old != new)
    for change in found:
        assert all(localize(change.message, language) for language in ("zh", "en"))


def test_a_literal_that_looks_like_a_text() -> None:
    hook = {"node": "w", "type": "webhook", "url": "https://x.example.com/", "body": {"on": {"zh": 1}}}
    assert chains([hook], [hook | {"body": {"on": {"zh": 2}}}]) == [
        ("chain[0].body.on", "Node w: body.on: {zh: 1} → {zh: 2}.")
    ]
