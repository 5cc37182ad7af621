"""The `run` section of Salt actions, and their states: what is refused when the action is read (A27, A28, A29)."""

import pytest

from automation.actions.document import LibraryError
from tests.salt.world import PARAM, action

STATE = "A file:\n  file.managed:\n    - name: /srv/x\n    - contents: hello\n"


@pytest.mark.parametrize(
    ("run", "why"),
    [
        ({}, "name one of state, function, runner"),
        ({"state": "states.yaml", "function": "test.ping"}, "name one of"),
        ({"function": "test.ping", "kwargs": {"a": 1}}, "'kwargs' was unexpected"),
        ({"function": "test.ping", "arg": ["a=b"]}, "'arg' was unexpected"),
        ({"function": "test ping"}, "run.function"),
        ({"function": "state.highstate"}, "with `state:`"),
        ({"function": "state.apply"}, "with `state:`"),
        ({"function": "saltutil.kill_all_jobs"}, "Baton does itself"),
        ({"function": "publish.publish"}, "other minions"),
        ({"function": "cmd.run", "kwarg": {"cmd": "date"}}, "cmd.run_all"),
        ({"function": "cmd.script", "kwarg": {"source": "salt://x"}}, "cmd.run_all"),
        ({"function": "cmd.run_all", "kwarg": {"cmd": ["sh", "-c", "x"]}}, "the first word only"),
        ({"function": "cmd.run_all", "kwarg": {"cmd": {"$param": "text"}}}, "becomes code"),
        ({"function": "cmd.run_all", "kwarg": {"cmd": {"$join": ["echo ", {"$param": "text"}]}}}, "becomes code"),
        ({"function": "test.echo", "kwarg": {"test": True}}, "run.kwarg"),
        ({"function": "test.echo", "kwarg": {"queue": True}}, "run.kwarg"),
        ({"function": "test.echo", "kwarg": {"__kwarg__": True}}, "run.kwarg"),
        ({"function": "test.echo", "kwarg": {"text": {"$param": "nope"}}}, "no parameter 'nope'"),
        ({"function": "test.echo", "kwarg": {"text": {"$file": "../x"}}}, "no text file"),
        ({"function": "test.echo", "kwarg": {"text": {"$param": "text", "more": 1}}}, "stands alone"),
        ({"function": "test.echo", "kwarg": {"text": {"$eval": "1"}}}, "the marks are"),
        ({"function": "test.echo", "kwarg": {"text": {"$join": [{"$param": "list"}]}}}, "$join"),
        ({"function": "test.echo", "kwarg": {"text": "__slot__:salt:cmd.run(id)"}}, "slots"),
        ({"state": "missing.yaml"}, "no file 'missing.yaml'"),
        ({"state": "../states.yaml"}, "no file"),
    ],
)
def test_a_section_that_means_nothing_or_could_mean_more_is_refused(tmp_path, run, why):
    params = {"text": PARAM, "list": {"type": "array", "items": PARAM}}
    with pytest.raises(LibraryError) as refused:
        action(tmp_path, run, STATE, params=params)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("states", "why"),
    [
        ("", "mapping of state ids"),
        ("- a\n", "mapping of state ids"),
        ("#!jinja|yaml\nA: {test.nop: []}\n", "no renderer"),
        ("A:\n  test.nop:\n    - name: {{ pillar.x }}\n", "Jinja is not rendered"),
        ("'{{ x }}':\n  test.nop: []\n", "Jinja is not rendered"),
        ("include: [other]\n", "include"),
        ("extend: {A: {}}\n", "extend"),
        ("A_|-B:\n  test.nop: []\n", "cannot be the id"),
        ("A:\n  test.nop: []\n  test.other: []\n", "must hold one state"),
        ("A:\n  nop: []\n", "module.function"),
        ("A:\n  test.nop:\n    - name: x\n    - name: y\n", "stands twice"),
        ("A:\n  test.nop:\n    - {$param: text}\n", "`- name: value`"),
        ("A:\n  test.nop:\n    - order: 3\n", "order in which they stand"),
        ("A:\n  module.run:\n    - name: cmd.run\n", "calls whatever"),
        ("A:\n  salt.function:\n    - name: cmd.run\n", "calls whatever"),
        ("A:\n  cmd.run:\n    - name: {$param: text}\n", "becomes code"),
        ("A:\n  cmd.run:\n    - names: [{$param: text}]\n", "becomes code"),
        ("A:\n  cron.present:\n    - name: {$param: text}\n", "becomes code"),
        ("A:\n  test.nop:\n    - onlyif: {$param: text}\n", "becomes code"),
        ("A:\n  file.managed:\n    - name: /x\n    - check_cmd: {$join: [a, {$param: text}]}\n", "becomes code"),
        (
            "A:\n  file.managed:\n    - name: /x\n    - template: jinja\n    - contents: {$param: text}\n",
            "in a template",
        ),
        ("A:\n  file.managed:\n    - name: /x\n    - check_cmd: a\n    - tmp_ext: {$param: text}\n", "becomes code"),
        ("A:\n  test.nop:\n    - name: {$case: [text, {a: b}]}\n", "no parameter with choices"),
        ("A:\n  test.nop:\n    - name: {$case: [kind, {a: x}]}\n", "one answer for each of a, b"),
        ("A:\n  test.nop:\n    - name: {$case: [kind, {a: x, b: {$param: text}}]}\n", "an answer is"),
        ("A:\n  file.managed:\n    - name: /x\n    - source: salt://x\n    - source_hash: abc\n", "of the master"),
        ("A:\n  file.managed:\n    - name: /x\n    - source: https://example.com/x\n", "source_hash"),
        ("A:\n  file.managed:\n    - name: /x\n    - contents_pillar: secret\n", "marks"),
        ("A:\n  file.managed:\n    - name: '__slot__:salt:cmd.run(id)'\n", "slots"),
        ("A:\n  test.nop:\n    - name: {$param: nope}\n", "no parameter 'nope'"),
    ],
)
def test_states_that_would_be_evaluated_later_are_refused(tmp_path, states, why):
    place = tmp_path / "actions" / "test.salt"
    place.mkdir(parents=True)
    (place / "states.yaml").write_text(states)
    with pytest.raises(LibraryError) as refused:
        action(tmp_path, {"state": "states.yaml"}, params={"text": PARAM, "kind": {"enum": ["a", "b"]}})
    assert why in str(refused.value)


def test_a_required_dry_run_needs_states(tmp_path):
    with pytest.raises(LibraryError, match="can have none"):
        action(tmp_path, {"function": "test.ping"}, dry_run="required")
    assert action(tmp_path, {"state": "states.yaml"}, STATE, dry_run="required").dry_run == "required"
