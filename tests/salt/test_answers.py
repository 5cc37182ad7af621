"""Answers of Salt 3006 to 3008, judged per host and per state (A35)."""

import pytest

from automation.executors.salt.answers import function_result, states_result
from automation.executors.salt.client import Answer
from automation.executors.salt.rounds import says_test
from automation.executors.salt.secrecy import HIDDEN, hides

HIGH = {"Conf": {"file": ["managed", {"name": "/etc/x"}, {"contents": "a\nb\n"}, {"mode": "0644"}, {"order": 1}]}}
KEY = "file_|-Conf_|-/etc/x_|-managed"


def came(result, changes=None, comment="said", name="/etc/x", number=0):
    return {"result": result, "changes": changes or {}, "comment": comment, "name": name, "__run_num__": number}


def judged(value, retcode=0, high=HIGH, is_check=False):
    return states_result("web", Answer(value, retcode, True), high, is_check=is_check)


@pytest.mark.parametrize(
    ("value", "retcode", "success", "expect", "status"),
    [
        (True, 0, True, None, "ok"),
        ("text", 0, True, None, "ok"),
        (None, 0, True, None, "ok"),
        (False, 0, True, None, "failed"),  # success is true, and it is none
        (False, 0, True, False, "ok"),
        ("a", 0, True, "b", "failed"),
        ("ERROR", 1, True, None, "failed"),
        ("ERROR", 0, False, None, "failed"),
        ({"retcode": 3, "stderr": "no"}, 0, True, None, "failed"),
        ({"retcode": 0, "stdout": "fine"}, 0, True, None, "ok"),
    ],
)
def test_A35_a_function_is_judged_by_codes_and_by_what_the_action_expects(value, retcode, success, expect, status):
    run = {"function": "x.y"} | ({} if expect is None else {"expect": expect})
    assert function_result("web", Answer(value, retcode, success), run).result.status == status


@pytest.mark.parametrize(
    ("value", "retcode", "says"),
    [
        (["No matching sls found for 'x' in env 'base'"], 1, "No matching sls"),
        ({}, 2, "without any state"),
        ("Minion did not return. [Not connected]", 0, "did not return"),
        (False, 0, "without any state"),
        ({KEY: came(False, comment="no such folder")}, 2, "Conf: no such folder"),
        ({KEY: came(False, comment="no such folder")}, 0, "Conf: no such folder"),
        ({KEY: came(None)}, 0, "Conf: not done (said)"),
        ({KEY: came("true")}, 0, "Conf"),
        ({KEY: came(True)}, 2, "return code 2"),
        ({"test_|-Other_|-Other_|-nop": came(True)}, 0, "Conf: did not come back"),
        ({KEY: "fine", "x": 1}, 0, "fine"),
    ],
)
def test_A35_a_state_run_that_is_not_whole_has_failed(value, retcode, says):
    found = judged(value, retcode)
    assert found.result.status == "failed"
    assert says in found.result.message
    assert not found.is_busy


def test_a_refusal_because_another_run_is_under_way_is_no_rendering_error():
    text = 'The function "state.high" is running as PID 26727 and was started at 2026, Nov 30 with jid 2026'
    assert judged([text], 1).is_busy
    assert not judged(["Rendering SLS failed: " + text], 1).is_busy
    assert not judged([text, "and something else"], 1).is_busy


def test_what_a_dry_run_would_change_is_shown_and_counts_as_changed():
    found = judged({KEY: came(None, {"diff": "-a\n+b\n"})}, is_check=True)
    assert (found.result.status, found.result.changed) == ("changed", True)
    assert [(diff.host, diff.path, diff.text) for diff in found.diffs] == [("web", "/etc/x", "-a\n+b\n")]


def test_a_new_file_is_shown_as_it_will_be():
    found = judged({KEY: came(None, {"newfile": "/etc/x"})}, is_check=True)
    assert found.diffs[0].text == "+a\n+b\n"


def test_the_path_of_a_folder_ends_with_a_slash():
    high = {"Dir": {"file": ["directory", {"name": "/etc/x.d"}]}}
    changes = {"/etc/x.d": {"directory": "new"}}
    found = judged(
        {"file_|-Dir_|-/etc/x.d_|-directory": came(None, changes, name="/etc/x.d")}, high=high, is_check=True
    )
    assert [diff.path for diff in found.diffs] == ["/etc/x.d/"]


def test_a_passing_check_command_turns_a_pending_step_into_a_true_one_and_is_named():
    high = {"Conf": {"file": [*HIGH["Conf"]["file"], {"check_cmd": "true"}]}}
    found = judged({KEY: came(True, {"diff": "+b"})}, high=high, is_check=True)
    assert found.result.changed
    assert found.unforeseen == ("Conf: check_cmd was really run",)


def test_what_a_command_would_do_cannot_be_foreseen():
    high = {"Do": {"cmd": ["run", {"name": "make"}]}}
    found = judged({"cmd_|-Do_|-make_|-run": came(None, {"cmd": "make"}, name="make")}, high=high, is_check=True)
    assert found.unforeseen == ("Do: what the command does",)
    assert not found.diffs


@pytest.mark.parametrize(
    ("what", "arguments", "hidden"),
    [
        ("file.managed", {"mode": "0644"}, False),
        ("file.managed", {"mode": "0600"}, True),
        ("file.managed", {"mode": "0640"}, True),
        ("file.managed", {"mode": 644}, False),
        ("file.managed", {}, True),  # it may be one that only root reads
        ("file.managed", {"mode": "keep"}, True),
        ("file.managed", {"mode": "0644", "show_changes": False}, True),
        ("file.replace", {}, True),
        ("file.replace", {"show_changes": True}, False),
        ("file.directory", {}, False),
        ("service.running", {}, False),
    ],
)
def test_contents_that_not_everybody_may_read_are_hidden(what, arguments, hidden):
    assert hides(what, arguments) is hidden


def test_I24_a_private_file_tells_that_it_changed_and_nothing_of_what():
    high = {"Conf": {"file": ["managed", {"name": "/etc/x"}, {"contents": "s3cret\n"}, {"mode": "0600"}]}}
    for changes in ({"diff": "-old secret\n+s3cret"}, {"newfile": "/etc/x"}, {"diff": "New file"}):
        found = judged({KEY: came(True, changes)}, high=high)
        assert [diff.text for diff in found.diffs] == [HIDDEN]
        assert "secret" not in found.text
        assert "s3cret" not in found.text


def test_a_minion_says_that_it_was_a_dry_run():
    assert says_test([{"__kwarg__": True, "data": {}, "test": True}])
    for other in (None, [], ["test=True"], [{"test": "True"}], [{"data": {"test": True}}]):
        assert not says_test(other)
