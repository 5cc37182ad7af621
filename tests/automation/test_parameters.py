"""Parameters declared like form fields: the same limits and checks, and a line number for every error."""

from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from automation.actions.action_check import read
from automation.actions.cross import cross_problems
from automation.actions.document import Action, load_action, made
from automation.actions.schema import findings, with_defaults
from automation.actions.steps import filled
from templates_engine.text import localize
from tests.hostile import HEADER

HEAD = """\
name: Restart
executor: ansible
params:
"""
FIELDS = """\
  - {key: name, type: text, label: Name, required: true, max_length: 8, pattern: "^[a-z]+$"}
  - {key: note, type: textarea, label: Note, max_length: 20}
  - {key: port, type: number, label: Port, min: 1, max: 65535}
  - {key: share, type: number, label: Share, precision: 1, default: 0.5}
  - {key: mode, type: select, label: Mode, options: [soft, {value: hard, label: Hard}], default: soft}
  - {key: also, type: radio, label: Also, options: [x, y]}
  - {key: parts, type: multiselect, label: Parts, options: [a, b], max_items: 2}
  - {key: force, type: switch, label: Force}
  - {key: day, type: date, label: Day}
  - {key: peers, type: hosts, label: Peers, max_items: 3}
  - {key: owner, type: user, label: Owner}
  - {key: rows, type: table, label: Rows, columns: [{key: host, type: text, label: Host, required: true,
     pattern: "^[a-z]+$"}, {key: weight, type: number, label: Weight, min: 0}]}
"""
PLAYBOOK = b"- name: Run\n  hosts: all\n  gather_facts: false\n  tasks: []\n"
EMPTY = {"note": "", "share": 0.5, "mode": "soft", "also": "", "parts": [], "force": False, "peers": [], "owner": "",
         "rows": []}  # fmt: skip


def files_of(document: str) -> dict[str, bytes]:
    return {"action.yaml": document.encode(), "playbook.yml": PLAYBOOK}


def action_of(document: str, key: str = "acme.restart") -> Action:
    raw, found = read(files_of(document), key, "action.yaml")
    assert raw is not None, [str(each) for each in found]
    return made(raw, files_of(document), key)


def said_of(document: str, key: str = "acme.restart") -> list[str]:
    with override("en"):
        return [str(finding) for finding in read(files_of(document), key, "a/action.yaml")[1]]


@pytest.fixture(scope="module")
def action() -> Action:
    return action_of(HEAD + FIELDS)


def refused(action: Action, **params: Any) -> list[tuple[str, str]]:
    with override("en"):
        given = with_defaults(action.params, {"name": "web", **params})
        return [
            (each["path"].removeprefix("params."), each["message"]) for each in findings(action.params, given, "params")
        ]


def test_a_short_document_is_enough_and_doubt_is_a_risk(action) -> None:
    assert (action.key, action.risk, action.is_read_only, action.needs_targets) == ("acme.restart", "high", False, True)
    assert (action.timeout_s, action.valid_days, action.dry_run) == (600, 7, "offered")
    assert action.command["en"].startswith("acme.restart {name} {note}")
    assert action.labels["port"] == "Port"
    assert [field["key"] for field in action.fields][:3] == ["name", "note", "port"]


def test_what_is_left_out_is_what_a_form_means_by_empty(action) -> None:
    assert with_defaults(action.params, {"name": "web", "port": None}) == {"name": "web", **EMPTY}
    assert refused(action) == []


@pytest.mark.parametrize(
    ("params", "at"),
    [
        ({"name": "Web"}, "name"),
        ({"name": "webwebweb"}, "name"),
        ({"name": "web\n"}, "name"),
        ({"note": "x" * 21}, "note"),
        ({"port": 0}, "port"),
        ({"port": 80.0}, "port"),
        ({"port": True}, "port"),
        ({"port": "80"}, "port"),
        ({"share": 0.25}, "share"),
        ({"mode": "wild"}, "mode"),
        ({"mode": ""}, "mode"),
        ({"parts": ["a", "a"]}, "parts"),
        ({"parts": ["c"]}, "parts[0]"),
        ({"force": "yes"}, "force"),
        ({"day": "2026-13-01"}, "day"),
        ({"peers": ["a", "b", "c", "d"]}, "peers"),
        ({"peers": ["-rf"]}, "peers[0]"),
        ({"owner": "a b"}, "owner"),
        ({"rows": [{"weight": 1}]}, "rows[0].host"),
        ({"rows": [{"host": "a;b"}]}, "rows[0].host"),
        ({"rows": [{"host": "a", "evil": 1}]}, "rows[0].evil"),
        ({"evil": 1}, "evil"),
    ],
)
def test_A37_a_value_that_its_field_does_not_take_is_named(action, params, at) -> None:
    assert [place for place, _message in refused(action, **params)] == [at]


def test_values_that_fit_pass(action) -> None:
    whole = {"note": "a\nb", "port": 80, "share": 2.3, "mode": "hard", "also": "x", "parts": ["b", "a"], "force": True,
             "day": "2026-12-01", "peers": ["web-1"], "owner": "alice",
             "rows": [{"host": "a", "weight": 0}, {"host": "b"}]}  # fmt: skip
    assert refused(action, **whole) == []


def test_A27_no_text_of_one_line_holds_a_line_break_or_an_escape() -> None:
    action = action_of(HEAD + "  - {key: name, type: text, label: Name}\n")
    for text in ("a\nb", "a\r", "\x1b[2J", "a\x00", "a\u2028b", HEADER["crlf_body"]):
        assert [place for place, _message in refused(action, name=text)] == ["name"], repr(text)
    assert refused(action, name="{{ lookup('pipe', 'id') }}") == []  # a text like any other (A28)


def test_A36_no_pattern_can_hang_a_request() -> None:
    action = action_of(HEAD + '  - {key: name, type: text, label: N, max_length: 5000, pattern: "^(a+)+$"}\n')
    assert [place for place, _message in refused(action, name="a" * 4999 + "!")] == ["name"]


def test_a_check_across_parameters_says_its_own_words() -> None:
    action = action_of(
        HEAD + "  - {key: name, type: text, label: N}\n"
        "  - {key: kind, type: select, label: K, required: true, options: [ip, host]}\n"
        "checks:\n"
        "  - {when: {kind: ip}, param: name, pattern: '^[0-9.]+$', say: {zh: 要 IP, en: An address is needed.}}\n"
        "  - {when: {kind: [host]}, param: name, none_of: [root, admin], required: true}\n"
    )
    assert refused(action, name="web", kind="ip") == [("name", "An address is needed.")]
    assert refused(action, name="10.0.0.1", kind="ip") == []
    assert [place for place, _message in refused(action, name="root", kind="host")] == ["name"]
    assert [place for place, _message in refused(action, name="", kind="host")] == ["name"]
    assert refused(action, name="web", kind="host") == []


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ("name: [", "a/action.yaml:2 "),
        ("- x\n", "a/action.yaml:1: must be a mapping"),
        (HEAD.replace("name: Restart\n", "") + "  []\n", "a/action.yaml:1 name: "),
        (HEAD + "  []\nrisk: low\nrisk: high\n", "a/action.yaml:6 risk: appears twice"),
        (HEAD + "  []\nsurprise: 1\n", "a/action.yaml:5 surprise: "),
        (HEAD + "  - {key: a, type: txt, label: A}\n", "a/action.yaml:4 params[0].type: "),
        (HEAD + "  - {key: a, type: attachment, label: A}\n", "no parameter can be of the type attachment"),
        (
            HEAD + "  - {key: a, type: text, label: A, hidden_at: [x]}\n",
            "params[0].hidden_at: a parameter has no such key",
        ),
        (HEAD + "  - {key: a, type: text, label: A, default: {expression: x}}\n", "params[0].default: "),
        (HEAD + "  - {key: a, type: number, label: A, default: x}\n", "params[0].default: "),
        (HEAD + "  - {key: a, type: number, label: A, min: 3, max: 1}\n", "params[0].max: "),
        (
            HEAD + "  - {key: a, type: text, label: A}\n  - {key: a, type: text, label: B}\n",
            "a/action.yaml:5 params[1].key: ",
        ),
        (HEAD + "  - {key: A-b, type: text, label: A}\n", "params[0].key: "),
        (
            HEAD + "  - key: a\n    type: text\n    label: A\n    pattern: '[a-z]'\n",
            "a/action.yaml:7 params[0].pattern: must",
        ),
        (HEAD + "  - {key: a, type: text, label: A, pattern: '^(?=x)$'}\n", "params[0].pattern: "),
        (HEAD + "  []\nchecks: [{param: b, one_of: [1]}]\n", "checks[0].param: there is no parameter b"),
        (HEAD + "  []\nchecks: [{param: b}]\n", "checks[0]: does not say what is checked"),
        (HEAD + "  &x []\n", "anchors"),
        (HEAD + "  !!python/object:os.system []\n", "tags"),
        (HEAD + "  []\nrun: {playbook: other.yml}\n", "other.yml"),
        (HEAD + "  []\nrun: {playbook: ../../etc/passwd}\n", "a/action.yaml:5 run"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(document, line) -> None:
    assert any(line in said for said in said_of(document)), said_of(document)


STEPS = {
    "acme.check": "name: Check\nexecutor: ansible\nread_only: true\nrisk: low\nparams:\n"
    "  - {key: url, type: text, label: U, required: true}\n  - {key: times, type: number, label: T, min: 1}\n",
    "acme.undo": "name: Undo\nexecutor: ansible\nparams: []\n",
}


def crossed(more: str, **others: str) -> list[str]:
    known = {key: action_of(text, key) for key, text in (STEPS | others).items()}
    text = "name: Run\nexecutor: ansible\nparams:\n  - {key: site, type: text, label: S, required: true}\n"
    text += "  - {key: count, type: number, label: C}\n  - {key: maybe, type: date, label: M}\n" + more
    action = action_of(text, "acme.run")
    known[action.key] = action
    with override("en"):
        return [f"{key}: {localize(what, 'en')}" for key, what in cross_problems(action, known.get, list(known))]


FITS = "rollback: {action: acme.check, params: {url: '{site}', times: '{count}'}}\n"


def test_steps_that_fit_the_actions_they_name() -> None:
    assert crossed(FITS) == []


@pytest.mark.parametrize(
    ("action", "params", "said"),
    [
        ("acme.chek", "", "action: there is no action acme.chek. Did you mean acme.check?"),
        ("acme.check", "", "params.url: acme.check requires this parameter"),
        ("acme.check", "url: '{count}'", "params.url: count is integer, not string"),
        ("acme.check", "url: '{no}'", "params.url: this action has no parameter no"),
        ("acme.check", "url: '{maybe}'", "params.url: maybe may be left out, and acme.check requires it"),
        ("acme.check", "url: x, times: 0", "params.times: acme.check does not take this value"),
        ("acme.check", "url: x, more: 1", "params.more: acme.check has no such parameter"),
    ],
)
def test_a_step_that_does_not_fit_is_named(action, params, said) -> None:
    assert crossed(f"rollback: {{action: {action}, params: {{{params}}}}}\n") == [f"rollback.{said}"]


CHECK = "health_check: {action: acme.check, params: {url: '{site}'}}\n"


def test_a_health_check_changes_nothing_and_uses_the_same_executor() -> None:
    assert crossed(CHECK) == []
    told = "health_check.action: a health check must be read-only"
    assert crossed("health_check: {action: acme.undo}\n") == [told]
    salt = STEPS["acme.check"].replace("ansible", "salt") + "run: {function: test.ping}\n"
    told = "health_check.action: a health check must use the same executor, ansible"
    assert crossed(CHECK, **{"acme.check": salt}) == [told]


def test_what_has_no_health_check() -> None:
    looks = "name: Look\nexecutor: ansible\nread_only: true\nparams: []\nhealth_check: {action: acme.check}\n"
    assert said_of(looks) == ["a/action.yaml:5 health_check: an action that changes nothing needs no health check"]
    by_hand = "name: Do\nexecutor: manual\nparams: []\nhealth_check: {action: acme.check}\n"
    assert any("what people do by hand has no health check" in said for said in said_of(by_hand)), said_of(by_hand)


def test_a_rollback_leads_in_no_circle_and_is_no_riskier() -> None:
    assert crossed("rollback: {action: acme.run, params: {site: '{site}'}}\n") == ["rollback: actions lead in a circle"]
    told = "rollback.action: is of high risk, and this action is of low risk"
    assert crossed("risk: low\nrollback: {action: acme.undo}\n") == [told]


def test_a_circle_over_others_is_found() -> None:
    around = {"acme.undo": STEPS["acme.undo"] + "rollback: {action: acme.run, params: {site: x}}\n"}
    assert crossed("rollback: {action: acme.undo}\n", **around) == ["rollback: actions lead in a circle"]


def test_a_step_runs_with_its_own_values_and_those_of_its_action() -> None:
    step = {"action": "acme.check", "params": {"url": "{site}", "times": 3, "text": "{site} x", "gone": "{none}"}}
    assert filled(step, {"site": ["a"]}) == {"url": ["a"], "times": 3, "text": "{site} x"}


def test_a_schema_of_an_actions_own_is_told_in_fields(tmp_path: Path) -> None:
    folder = tmp_path / "acme.old"
    folder.mkdir()
    (folder / "playbook.yml").write_bytes(PLAYBOOK)
    (folder / "action.yaml").write_text(
        "name: Old\nexecutor: ansible\nlabels: {a: A, b: B, c: C, d: D}\nparams:\n  type: object\n"
        "  additionalProperties: false\n  required: [a]\n  properties:\n"
        "    a: {type: string, maxLength: 9, pattern: '^x$'}\n"
        "    b: {type: integer, minimum: 1, default: 3}\n    c: {type: string, enum: [u, v]}\n"
        "    d: {type: array, items: {type: string}, maxItems: 4}\n"
    )
    assert list(load_action(folder).fields) == [
        {"key": "a", "label": "A", "required": True, "type": "text", "max_length": 9, "pattern": "^x$"},
        {"key": "b", "label": "B", "required": False, "type": "number", "min": 1, "default": 3},
        {"key": "c", "label": "C", "required": False, "type": "select", "options": ["u", "v"]},
        {"key": "d", "label": "D", "required": False, "type": "table", "max_items": 4,
         "columns": [{"key": "value", "label": "", "type": "text"}]},
    ]  # fmt: skip
