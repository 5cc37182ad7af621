"""Runner functions that an action may use: none that executes, imports or shows unapproved things (A29)."""

from dataclasses import replace
from pathlib import Path

import pytest

from automation.actions.document import LibraryError
from automation.actions.files import content_version
from automation.executors.base import Refused
from automation.executors.salt.runners import FUNCTIONS, MODULES, check_runner
from automation.executors.salt.work import prepare
from sandbox.salt.fleet import PROGRAMS
from tests.salt.world import action, order

FINE = {"doc", "error", "fileserver", "jobs", "manage", "match", "mine", "net", "network", "resource", "test"}


@pytest.mark.parametrize(
    ("runner", "why"),
    [
        ("salt.cmd", "on the master or on any minion"),
        ("salt.execute", "on the master or on any minion"),
        ("state.orchestrate", "use function: or state:"),
        ("state.orch", "use function: or state:"),
        ("ssh.cmd", "on the master or on any minion"),
        ("survey.hash", "on the master or on any minion"),
        ("manage.bootstrap", "on the master or on any minion"),
        ("manage.safe_accept", "whom the master trusts"),
        ("config.get", "keeps secret"),
        ("pillar.show_pillar", "keeps secret"),
        ("test.get_opts", "keeps secret"),
        ("saltutil.sync_runners", "code into use"),
        ("queue.insert_runner", "nobody approved then"),
        ("reactor.add", "nobody approved then"),
        ("event.send", "what others believe"),
        ("http.query", "executor http"),
        ("auth.mk_token", "whom the master trusts"),
        ("batch.stop", "what others run"),
    ],
)
def test_A29_dangerous_runners_are_refused_when_the_action_is_read(tmp_path, runner, why):
    with pytest.raises(LibraryError) as refused:
        action(tmp_path, {"runner": runner})
    assert f"run.runner: {runner} is not possible" in str(refused.value)
    assert why in str(refused.value)


def test_A29_an_argument_that_makes_a_harmless_runner_dangerous_is_refused(tmp_path):
    with pytest.raises(LibraryError, match=r"run\.kwarg\.removekeys"):
        action(tmp_path, {"runner": "manage.down", "kwarg": {"removekeys": True}})
    assert action(tmp_path, {"runner": "manage.down", "kwarg": {"timeout": 5}}).run["runner"] == "manage.down"


@pytest.mark.parametrize("runner", ["manage.up", "jobs.last_run", "test.arg", "our_dns.set_record"])
def test_what_is_read_only_or_the_teams_own_may_be_named(tmp_path, runner):
    assert action(tmp_path, {"runner": runner}).run["runner"] == runner


def test_A29_a_version_that_was_stored_before_its_runner_was_refused_does_not_run_either(tmp_path):
    what = action(tmp_path, {"runner": "manage.up"})
    document = what.files["action.yaml"].replace(b"manage.up", b"salt.cmd")
    files = {**what.files, "action.yaml": document}
    stored = replace(what, run={"runner": "salt.cmd"}, files=files, version=content_version(files))
    with pytest.raises(Refused, match=r"salt\.cmd is not possible"):
        prepare(order(stored, "salt-01"))


@pytest.mark.services
def test_every_runner_that_comes_with_salt_has_been_judged():
    """A new version may bring new ones: then this says which."""
    [folder] = PROGRAMS.parent.glob("lib/python3*/site-packages/salt/runners")
    there = {path.stem for path in Path(folder).glob("[a-z]*.py")}
    assert there - FINE - set(MODULES) == set()
    for key in FUNCTIONS:
        with pytest.raises(ValueError, match="not possible"):
            check_runner(key, {})
