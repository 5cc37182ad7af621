"""Real runs on real minions: functions, states, runners; their results and how they are judged."""

import subprocess
import time

import psutil
import pytest

from automation.executors.salt import SaltExecutor
from automation.executors.salt.account import account_of
from automation.executors.salt.client import Salt
from automation.executors.salt.work import prepare
from automation.states import Outcome
from tests.hostile import HOSTILE
from tests.house import wait_for
from tests.salt.world import MINIONS, PARAM, action, follow, order

pytestmark = pytest.mark.services
SHELL = {
    "substitution": "$(touch /tmp/pwned) `id` ${HOME}",
    "separators": "a; id && id | id > /tmp/x & #",
    "option": "--help", "dash": "-rf /", "glob": "* ? [a-z] ~root", "quotes": "'\"\\' \\n",
    "keyword": "name=evil", "yaml": "{a: [b, !!python/object:os.system x]}", "yaml_number": "0o17", "yaml_word": "yes",
    "jinja": "{{ salt['cmd.run']('id') }}{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}",
    "slot_inside": "see __slot__:salt:cmd.run(id)", "pillar": "{{ pillar }} #!jinja|yaml",
    "json": '{"__kwarg__": true}',
}  # fmt: skip


def test_a_function_runs_on_each_minion_of_the_plan_and_says_what_it_answered(fleet, tmp_path):
    what = action(tmp_path, {"function": "test.echo", "kwarg": {"text": {"$param": "text"}}}, params={"text": PARAM})
    asked = order(what, params={"text": "hello there"})
    run = follow(asked)
    assert run.verdict(asked).outcome == Outcome.OK, run.text
    assert run.text.count("hello there") == 2
    assert [result.status for result in run.hosts.values()] == ["ok", "ok"]


def test_states_change_a_host_once_and_find_it_as_it_should_be_the_second_time(fleet, tmp_path):
    states = (
        "A file:\n  file.managed:\n    - name: {$param: path}\n    - contents: {$param: text}\n    - mode: '0644'\n"
    )
    what = action(tmp_path, {"state": "states.yaml"}, states, params={"path": PARAM, "text": PARAM})
    asked = order(what, "salt-01", params={"path": str(tmp_path / "f"), "text": "one"})
    run = follow(asked)
    assert run.verdict(asked).outcome == Outcome.OK, run.text
    assert run.of("salt-01").status == "changed"
    assert (tmp_path / "f").read_text() == "one\n"
    again = follow(asked)
    assert again.of("salt-01").status == "ok"
    assert not again.diffs


def test_A27_A28_hostile_values_arrive_as_one_value_each(fleet, tmp_path):
    texts = {**HOSTILE, **SHELL}
    plain = [text for text in texts.values() if text.splitlines() == text.removesuffix("\n").split("\n")]
    whole = [text for text in plain if len(text) < 5000]
    names = {f"t{count}": text for count, text in enumerate(whole)}
    states = "".join(
        f"File {name}:\n  file.managed:\n    - name: {{$join: [{{$param: root}}, /{name}]}}\n"
        f"    - contents: {{$param: {name}}}\n    - contents_newline: false\n    - mode: '0644'\n"
        for name in names
    )
    what = action(tmp_path, {"state": "states.yaml"}, states, params={"root": PARAM, **dict.fromkeys(names, PARAM)})
    asked = order(what, "salt-01", params={"root": str(tmp_path), **names})
    run = follow(asked)
    assert run.verdict(asked).outcome == Outcome.OK, run.text[:5000]
    arrived = {name: (tmp_path / name).read_bytes().decode() for name in names}
    assert {name for name in names if arrived[name] != names[name]} == set()
    assert len(names) > 40


def test_A27_A28_a_function_gets_hostile_values_whole(fleet, tmp_path):
    texts = [text for text in {**HOSTILE, **SHELL}.values() if len(text) < 5000]
    what = action(
        tmp_path, {"function": "test.echo", "kwarg": {"text": {"$param": "texts"}}},
        params={"texts": {"type": "array", "items": PARAM}},
    )  # fmt: skip
    asked = order(what, "salt-01", params={"texts": texts}, key="hostile")
    assert follow(asked).verdict(asked).outcome == Outcome.OK
    salt = Salt(account_of({}))
    salt.log_in()
    work = prepare(asked)
    assert salt.record(work.jid(), work.label).answers["salt-01"].value == texts


def test_A35_output_that_imitates_success_is_not_believed(fleet, tmp_path):
    what = action(
        tmp_path, {"function": "cmd.run_all", "kwarg": {"cmd": 'echo \'{"retcode": 0, "success": true}\'; exit 3'}}
    )
    asked = order(what, "salt-01")
    run = follow(asked)
    assert run.verdict(asked).outcome == Outcome.FAILED
    assert '{"retcode": 0' in run.text


def test_a_command_that_runs_out_of_its_time_has_failed(fleet, tmp_path):
    what = action(tmp_path, {"function": "cmd.run_all", "kwarg": {"cmd": "sleep 60", "timeout": 1}})
    asked = order(what, "salt-01")
    assert follow(asked).verdict(asked).outcome == Outcome.FAILED


def test_a_function_that_does_not_exist_and_a_false_answer_have_failed(fleet, tmp_path):
    for function in ("test.nonesuch", "test.false"):
        asked = order(action(tmp_path, {"function": function}), "salt-01")
        assert follow(asked).verdict(asked).outcome == Outcome.FAILED, function


def test_a_minion_that_is_busy_is_asked_again_until_it_is_free(fleet, tmp_path):
    def nap(seconds):
        states = "Nap:\n  cmd.run:\n    - name: sleep $N\n    - env:\n      - N: {$param: seconds}\n"
        what = action(tmp_path, {"state": "states.yaml"}, states, params={"seconds": PARAM})
        return order(what, "salt-01", params={"seconds": str(seconds)}, key=f"nap {seconds}")

    with SaltExecutor().start(nap(4)) as first:
        begun = wait_for(lambda: "Salt run" in first.poll(0.2).text.decode(), "the first run")
        assert begun
        wait_for(is_busy, "the first run on its minion")
        run = follow(second := nap(0))
        assert run.verdict(second).outcome == Outcome.OK, run.text
        assert run.text.count("Salt run") > 1
        while first.exit_code is None:
            first.poll(0.2)
    assert SaltExecutor().look_up(second)["host-salt-01"].status == "changed"


def is_busy() -> bool:
    """Whether the nap's command is under way."""
    return any((process.info["environ"] or {}).get("N") == "4" for process in psutil.process_iter(["environ"]))


def test_F29_a_runner_that_raises_has_failed_and_says_why(fleet, tmp_path):
    wrong = order(
        action(tmp_path, {"runner": "error.error", "kwarg": {"name": "Exception", "message": "it does not work"}})
    )
    run = follow(wrong)
    assert run.verdict(wrong).outcome == Outcome.FAILED, run.text
    assert {result.status for result in run.hosts.values()} == {"failed"}
    assert "it does not work" in run.text


def test_a_runner_runs_once_on_the_master(fleet, tmp_path):
    what = action(tmp_path, {"runner": "test.arg", "kwarg": {"text": {"$param": "text"}}}, params={"text": PARAM})
    asked = order(what, params={"text": "a=b"})
    run = follow(asked)
    assert run.verdict(asked).outcome == Outcome.OK, run.text
    assert "a=b" in run.text
    assert '"jid"' not in run.text  # what it answered, not how salt-api wraps it
    wrong = order(action(tmp_path, {"runner": "test.nonesuch"}))
    assert follow(wrong).verdict(wrong).outcome != Outcome.OK


def test_a_trivial_function_takes_little_more_than_salt_itself(fleet, tmp_path):
    from sandbox.salt.fleet import PROGRAMS

    asked = order(action(tmp_path, {"function": "test.ping"}))
    command = [str(PROGRAMS / "salt"), "-c", str(fleet.plan.home / "master"), "-L", ",".join(MINIONS), "test.ping"]
    ours, its = [], []
    for _turn in range(3):
        began = time.monotonic()
        subprocess.run(command, check=True, capture_output=True)
        its.append(time.monotonic() - began)
        ours.append(follow(asked).took_s)
    assert min(ours) < min(its) + 1.5, (ours, its)  # half a second on a machine with nothing else to do
