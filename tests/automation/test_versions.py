"""Versions of actions are kept: open tickets run what was approved, whatever came later (I15, A29, A32)."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from automation.actions.document import Action, load_action, stored_action
from automation.actions.files import content_version, write_files
from automation.actions.library import LIBRARY, Library, library, shipped
from automation.actions.seals import seal
from automation.actions.shelf import Shelf
from automation.actions.store import found_version, next_change, store_shipped
from automation.commands.claim import claim
from automation.models import ActionVersion
from tests.automation.world import approved_job, log_of
from tests.statements import counted
from tickets.models import ContentVersion
from tickets.trail.digests import plan_digest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped_actions")]
KEY = "database.run_change"
State = ActionVersion.State


@pytest.fixture(autouse=True)
def _quiet(monkeypatch) -> None:
    monkeypatch.setattr("common.doorbell.ring", lambda *what: None)


@pytest.fixture
def newer(tmp_path: Path) -> Action:
    """The action as a later release ships it."""
    folder = Path(shutil.copytree(LIBRARY / KEY, tmp_path / KEY))
    (folder / "playbook.yml").write_text((folder / "playbook.yml").read_text() + "# later\n")
    return load_action(folder)


def upgraded(action: Action, monkeypatch) -> Library:
    """This process after an upgrade that changed this action."""
    return installed(shipped() | {action.key: action}, monkeypatch)


def installed(actions: dict[str, Action], monkeypatch) -> Library:
    """This process where exactly these ship."""
    fresh = Library(actions, Shelf())
    for place in (
        "actions.library",
        "adapters.planner",
        "adapters.subscriber",
        "api.render",
        "plans.preview",
        "plans.steps",
    ):
        monkeypatch.setattr(f"automation.{place}.library", lambda: fresh)
    store_shipped(fresh.shipped.values())
    return fresh


def rows(key: str = KEY) -> dict[str, str]:
    return dict(ActionVersion.objects.filter(key=key).values_list("version", "state"))


def owner(statement: str, *values: Any) -> None:
    """As the owner of the tables: no trigger fires."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")
    library().shelf.forget()


def test_what_ships_is_kept_and_released_by_the_installation() -> None:
    kept = ActionVersion.objects.filter(source="shipped", state=State.RELEASED, released_by=None)
    assert dict(kept.values_list("key", "version")) == {key: action.version for key, action in shipped().items()}
    assert store_shipped(shipped().values()) == []


def test_a_stored_version_is_the_action_itself() -> None:
    own = shipped()[KEY]
    assert Library({}, Shelf()).action(KEY, own.version) == own
    assert Library({}, Shelf()).action(KEY) == own
    assert library().action(KEY, "0" * 64) is None
    assert library().action("no.such") is None


def test_an_upgrade_releases_the_new_version_and_keeps_the_old_one(newer, monkeypatch) -> None:
    old = shipped()[KEY].version
    fresh = upgraded(newer, monkeypatch)
    assert rows() == {old: State.SUPERSEDED, newer.version: State.RELEASED}
    assert fresh.action(KEY) is newer
    assert fresh.action(KEY, old) == shipped()[KEY]
    store_shipped(shipped().values())  # and back: the release before is installed again
    assert rows() == {old: State.RELEASED, newer.version: State.SUPERSEDED}


def test_I15_a_ticket_under_way_runs_what_was_approved_after_an_upgrade(people, hosts, newer, monkeypatch) -> None:
    job = approved_job("sql", people, ["demo-01"], sql="SELECT 1")
    upgraded(newer, monkeypatch)
    claimed = claim(job.pk)
    assert claimed is not None, log_of(job)
    assert claimed.order.action == shipped()[KEY]
    assert claimed.order.version == shipped()[KEY].version
    assert claimed.order.action.files["playbook.yml"] != newer.files["playbook.yml"]


def test_I15_a_ticket_under_way_runs_what_was_approved_though_it_ships_no_more(people, hosts, monkeypatch) -> None:
    job = approved_job("sql", people, ["demo-01"], sql="SELECT 1")
    installed({key: action for key, action in shipped().items() if key != KEY}, monkeypatch)
    claimed = claim(job.pk)
    assert claimed is not None, log_of(job)
    assert claimed.order.action == shipped()[KEY]


def test_a_version_released_by_people_is_not_replaced_by_an_upgrade(newer, monkeypatch) -> None:
    ActionVersion.objects.filter(key=KEY).delete()
    own = seal(found_version(newer, "/srv/ops", "", timezone.now(), next_change()))
    own.state = State.RELEASED
    seal(own).save()
    assert store_shipped(shipped().values()) == []
    assert rows() == {newer.version: State.RELEASED, shipped()[KEY].version: State.NEW}


def test_plans_of_earlier_releases_name_twelve_digits_and_still_run(people, hosts) -> None:
    job = approved_job("sql", people, ["demo-01"], sql="SELECT 1")
    full = shipped()[KEY].version
    assert library().action(KEY, full[:12]) == library().action(KEY, full)
    assert Library({}, Shelf()).action(KEY, full[:12]) == shipped()[KEY]
    for other in (full[:11], full[:13], full[:40], full[:12].upper(), "%" * 12):
        assert library().action(KEY, other) is None
        assert Library({}, Shelf()).action(KEY, other) is None
    plan = ContentVersion.objects.get(ticket=job.ticket).plans["run"]
    assert plan["version"] == full
    assert plan["digest"] == plan_digest(plan)


def test_A32_a_version_whose_row_was_changed_is_not_believed() -> None:
    away = Library({}, Shelf())
    version = shipped()[KEY].version
    owner("UPDATE automation_actionversion SET state = 'superseded' WHERE key = %s", KEY)
    assert away.action(KEY) is None
    owner("UPDATE automation_actionversion SET state = 'released', source = '/tmp' WHERE key = %s", KEY)
    away.shelf.forget()
    assert away.action(KEY) is None
    assert away.action(KEY, version) is None


def test_A29_files_changed_in_the_database_are_not_run() -> None:
    away = Library({}, Shelf())
    version = shipped()[KEY].version
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        ActionVersion.objects.filter(key=KEY).update(files={"playbook.yml": ""})
    owner('UPDATE automation_actionversion SET files = files || \'{"evil.yml": ""}\' WHERE key = %s', KEY)
    assert away.action(KEY, version) is None


def test_A32_an_inserted_version_is_not_believed(newer) -> None:
    ActionVersion.objects.filter(key=KEY).delete()
    forged = found_version(newer, "shipped", "", timezone.now(), next_change())
    forged.state, forged.seal = State.RELEASED, "0" * 64
    forged.save()
    away = Library({}, Shelf())
    assert away.action(KEY) is None
    assert away.action(KEY, newer.version) is None


def test_a_submission_asks_the_database_for_actions_once_in_a_while() -> None:
    library().action(KEY)
    with counted() as found:
        for _again in range(20):
            library().action(KEY)
            library().action(KEY, shipped()[KEY].version)
    assert found == []


def test_A29_the_copy_of_a_run_is_judged_by_its_hash(tmp_path: Path) -> None:
    files = {"playbook.yml": b"- hosts: all\n", "roles/a/tasks/main.yml": b"[]\n"}
    write_files(files, content_version(files), tmp_path / "good")
    assert (tmp_path / "good/roles/a/tasks/main.yml").read_bytes() == b"[]\n"
    with pytest.raises(ValueError, match="changed since it was approved"):
        write_files(files, "0" * 64, tmp_path / "bad")
    for name in ("../out", "/etc/x", "a//b", "a/./b", ".git/hooks/x", "a\nb", "a\\b", "x" * 300):
        with pytest.raises(ValueError, match=r"path|git"):
            write_files({name: b""}, content_version({name: b""}), tmp_path / "odd")
        shutil.rmtree(tmp_path / "odd")
    assert not (tmp_path / "out").exists()


def test_what_this_release_cannot_read_is_no_action() -> None:
    with pytest.raises(ValueError, match="cannot read"):
        stored_action("a.b", {"action.yaml": b"key: a.b\n"})


def test_A29_twelve_digits_name_only_what_shipped(newer: Action) -> None:
    """Plans that name no more are from when nothing else ran; others can be made to begin with the same digits."""
    seal(found_version(newer, "https://git.example/ops", "", timezone.now(), next_change())).save()
    shelf = Shelf()
    assert shelf.find(KEY, newer.version[:12]) is None
    assert shelf.find(KEY, newer.version) is not None
    assert shelf.find(KEY, shipped()[KEY].version[:12]) is not None
