"""Values are passed to Salt as data in a fixed request shape, whatever they contain (A27, A28, A30, I15, I16)."""

from dataclasses import replace

import pytest

from automation.executors.base import Refused
from automation.executors.salt.client import Request
from automation.executors.salt.jid import jid_of
from automation.executors.salt.work import prepare
from automation.values import faults
from tests.salt.world import PARAM, action, dry, order, targets

TWO = (
    "First:\n  file.managed:\n    - name: {$join: [/srv/, {$param: site}, .conf]}\n    - contents: {$file: site.conf}\n"
    "    - mode: {$param: mode}\n    - context: {ticket: {$ticket: number}, words: {$param: words}}\n"
    "Second:\n  test.nop: {}\n"
)
PARAMS = {"site": PARAM, "mode": PARAM, "words": {"type": "array", "items": PARAM}}


def two(tmp_path):
    return action(tmp_path, {"state": "states.yaml"}, TWO, params=PARAMS, files={"site.conf": "server {}\n"})


def test_I15_states_become_data_in_the_order_in_which_they_stand(tmp_path):
    work = prepare(order(two(tmp_path), params={"site": "shop", "mode": "0640", "words": ["a", ""]}))
    assert work.fun == "state.high"
    assert work.kwarg == {
        "data": {
            "First": {
                "file": [
                    "managed", {"name": "/srv/shop.conf"}, {"contents": "server {}\n"}, {"mode": "0640"},
                    {"context": {"ticket": "CHG-20261130-0001", "words": ["a", ""]}}, {"order": 1},
                ],
                "__sls__": "baton", "__env__": "base",
            },
            "Second": {"test": ["nop", {"order": 2}], "__sls__": "baton", "__env__": "base"},
        }
    }  # fmt: skip


def test_a_parameter_left_out_takes_its_argument_with_it(tmp_path):
    work = prepare(order(two(tmp_path), params={"site": "shop", "words": []}))
    sent = work.kwarg["data"]["First"]["file"]
    assert {"context": {"ticket": "CHG-20261130-0001", "words": []}} in sent
    assert not any("mode" in part or part == {} for part in sent[1:])


@pytest.mark.parametrize("text", ["__slot__:salt:cmd.run(id)", " __slot__:salt:test.ping()", "__slot__:"])
def test_A28_a_value_that_salt_would_call_is_refused(tmp_path, text):
    what = two(tmp_path)
    for params in ({"site": "x", "mode": text}, {"site": "x", "words": ["a", text]}):
        with pytest.raises(Refused, match="begins with"):
            prepare(order(what, params=params))
    assert [found["code"] for found in faults({"a": [text]}, "params")] == ["reserved_text"]


def test_A28_two_values_cannot_be_joined_into_a_call(tmp_path):
    states = "A:\n  test.nop:\n    - name: {$join: [{$param: one}, {$param: two}]}\n"
    what = action(tmp_path, {"state": "states.yaml"}, states, params={"one": PARAM, "two": PARAM})
    with pytest.raises(Refused, match="begins with"):
        prepare(order(what, params={"one": "__slot", "two": "__:salt:cmd.run(id)"}))


def test_A29_a_source_from_a_form_is_no_file_of_the_master(tmp_path):
    states = "A:\n  file.managed:\n    - name: /srv/x\n    - source: {$param: url}\n    - source_hash: {$param: sum}\n"
    what = action(tmp_path, {"state": "states.yaml"}, states, params={"url": PARAM, "sum": PARAM})
    with pytest.raises(Refused, match="of the master"):
        prepare(order(what, params={"url": " SALT://top.sls", "sum": "a" * 64}))


def test_A29_a_changed_file_of_the_action_is_not_what_was_approved(tmp_path):
    what = two(tmp_path)
    asked = order(what, params={"site": "x"})
    changed = replace(what, files={**what.files, "site.conf": b"server { evil }\n"})
    for other in (replace(asked, action=changed), replace(asked, version="0" * 64)):
        with pytest.raises(Refused, match="has changed"):
            prepare(other)


@pytest.mark.parametrize("address", ["*", "salt-*", "G@os:Debian", "a,b", "", "-x", "salt 01", "a\n"])
def test_A30_a_target_is_one_minion(tmp_path, address):
    asked = order(two(tmp_path), address, params={"site": "x"})
    with pytest.raises(Refused, match="not the id of one minion"):
        prepare(asked)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_I15_contents_that_salt_would_write_otherwise_are_refused(tmp_path, end):
    states = "A:\n  file.managed:\n    - name: /srv/x\n    - contents: {$param: text}\n"
    what = action(tmp_path, {"state": "states.yaml"}, states, params={"text": PARAM})
    with pytest.raises(Refused, match="line break"):
        prepare(order(what, params={"text": f"a{end}b"}))
    for fine in ("", "\n", "a", "a\nb\n", "a\n\nb"):
        assert prepare(order(what, params={"text": fine})).high is not None


def test_A30_hosts_that_salt_does_not_reach_and_minions_named_twice_are_refused(tmp_path):
    what = two(tmp_path)
    over_ssh = order(what, params={"site": "x"})
    over_ssh.targets[0]["connection"] = "ssh"
    with pytest.raises(Refused, match="not reached by Salt"):
        prepare(over_ssh)
    twice = order(what, params={"site": "x"})
    twice.targets[1]["address"] = twice.targets[0]["address"]
    with pytest.raises(Refused, match="one minion"):
        prepare(twice)


def test_I15_what_a_command_reads_is_what_was_approved_with_its_backslashes(tmp_path):
    states = "A:\n  cmd.run: [{name: cat}, {stdin: {$param: text}}]\n"
    asked = order(action(tmp_path, {"state": "states.yaml"}, states, params={"text": PARAM}), params={"text": "a\\nb"})
    assert prepare(asked).high["A"]["cmd"][2:4] == [{"stdin": "a\\nb"}, {"stdin_raw_newlines": True}]
    (tmp_path / "actions" / "test.salt" / "states.yaml").unlink()
    run = {"function": "cmd.run_all", "kwarg": {"cmd": "cat", "stdin": {"$param": "text"}}}
    asked = order(action(tmp_path, run, params={"text": PARAM}), params={"text": "a\\nb"})
    assert prepare(asked).kwarg["stdin_raw_newlines"] is True


def test_a_choice_becomes_the_actions_own_words(tmp_path):
    states = (
        "A:\n  cmd.run:\n    - name: {$case: [app, {one: 'echo 1', two: {$file: two.sh}}]}\n"
        "    - cwd: {$join: [{$case: [app, {one: /a, two: /b}]}, /x]}\n"
    )
    params = {"app": {"enum": ["one", "two"]}}
    what = action(tmp_path, {"state": "states.yaml"}, states, params=params, files={"two.sh": "echo 2\n"})
    for app, name, folder in (("one", "echo 1", "/a/x"), ("two", "echo 2\n", "/b/x")):
        sent = prepare(order(what, params={"app": app})).high["A"]["cmd"]
        assert sent[1:3] == [{"name": name}, {"cwd": folder}]


def test_contents_are_the_bytes_that_were_approved_with_their_last_line_or_without(tmp_path):
    states = "A:\n  file.managed: [{name: /x}, {contents: {$param: text}}, {contents_newline: false}]\n"
    what = action(tmp_path, {"state": "states.yaml"}, states, params={"text": PARAM})
    ends = prepare(order(what, params={"text": "a\n"})).high["A"]["file"]
    assert not any("contents_newline" in part for part in ends[1:])
    assert {"contents_newline": False} in prepare(order(what, params={"text": "a"})).high["A"]["file"]


def test_a_request_has_one_shape_and_a_dry_run_stands_where_salt_reads_it():
    low = Request("state.high", ["a"], "20260101000000000000", {"data": {}}, is_test=True, label="x").low()
    assert low == {
        "client": "local_async", "tgt": ["a"], "tgt_type": "list", "fun": "state.high", "jid": "20260101000000000000",
        "kwarg": {"data": {}, "test": True}, "metadata": {"baton": "x"},
    }  # fmt: skip
    with pytest.raises(TypeError):
        Request("test.ping", ["a"], "1", tset=True)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="no minions"):
        Request("test.ping", [], "1").low()


def test_I14_a_run_has_one_job_id_for_ever_and_no_other_run_has_it(tmp_path):
    what = two(tmp_path)
    asked = order(what, params={"site": "x"}, key="k1")
    other = order(what, params={"site": "x"}, key="k2")
    dry_run = dry(what, params={"site": "x"}, key="k1")
    part = order(what, "salt-01", params={"site": "x"}, key="k1")
    ids = [prepare(one).jid() for one in (asked, other, dry_run, part)] + [prepare(asked).jid(1)]
    assert prepare(asked).jid() == ids[0]
    assert len(set(ids)) == 5
    assert all(len(one) == 20 and one.isdecimal() for one in ids)
    assert jid_of("", "run", ["a"]) != jid_of("", "run", ["a"])


def test_targets_keep_their_names_apart_from_their_minions(tmp_path):
    assert prepare(order(two(tmp_path), "salt-02", params={"site": "x"})).hosts == {"salt-02": "host-salt-02"}
    assert targets("a")[0]["name"] == "host-a"
