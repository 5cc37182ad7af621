"""Versions are released, withdrawn and recalled only by people with the permission (A29, A32)."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import AdminEvent, Department, Role, RoleMember
from accounts.permissions import ACTIONS
from automation.actions import releasing, sync
from automation.actions.document import load_action
from automation.actions.library import library
from automation.actions.seals import seal
from automation.actions.store import found_version, next_change
from automation.commands.claim import claim
from automation.errors import ActionRefused
from automation.models import ActionSync, ActionVersion, Job
from templates_engine.errors import TemplateRefused
from templates_engine.store.commands import check, import_template
from tests.automation.test_sync import ACTION, PLAYBOOK, Team
from tests.automation.world import HEAD, approve, kinds, log_of, submit
from tickets.background.dispatch import dispatch
from tickets.errors import PlanRefused

pytestmark = pytest.mark.django_db
KEY = "acme.restart"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch) -> None:
    monkeypatch.setattr("common.doorbell.ring", lambda *what: None)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch) -> None:
    """No test waits until a process looks again."""
    monkeypatch.setattr("automation.actions.shelf.FRESH_S", -1.0)


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path / "team")


@pytest.fixture
def cast(people):
    """erin operates; heidi may release actions."""
    role = Role.objects.create(key="actions", name="Actions", permissions=[ACTIONS])
    RoleMember.objects.create(role=role, user=people["heidi"])
    return people


@pytest.fixture
def browsers(cast) -> dict[str, Client]:
    found = {}
    for name in ("alice", "erin", "heidi"):
        found[name] = Client()
        found[name].force_login(cast[name])
    return found


def taken(team: Team, more: str = "") -> str:
    """The version that the team's repository holds now, stored."""
    team.write(f"actions/{KEY}/playbook.yml", PLAYBOOK + more)
    team.commit()
    seen = sync.inspect(str(team.root), "HEAD")
    assert seen.findings == []
    sync.store(seen, str(team.root))
    return next(action.version for action in seen.actions if action.key == KEY)


def template() -> None:
    text = HEAD.format(key="own", action=KEY, form="", params="service: \"'nginx'\"", more="")
    import_template(text=text, actor=None, at=timezone.now(), publish_it=True)


def post(browser: Client, path: str, **body):
    return browser.post(f"/api/v1/actions/{path}", json.dumps(body), content_type="application/json")


def states() -> dict[str, str]:
    return dict(ActionVersion.objects.filter(key=KEY).values_list("version", "state"))


def test_a_version_is_used_once_it_is_released_and_replaced_by_the_next(team, cast) -> None:
    first = taken(team)
    with pytest.raises(TemplateRefused):
        template()
    releasing.release(key=KEY, version=first, note="reviewed", actor=cast["heidi"])
    template()
    assert library().action(KEY).version == first
    second = taken(team, "# two\n")
    assert library().action(KEY).version == first
    releasing.release(key=KEY, version=second, note="", actor=cast["heidi"])
    assert library().action(KEY).version == second
    assert states() == {first: "superseded", second: "released"}
    act = AdminEvent.objects.filter(about=f"action:{KEY}").latest("seq")
    assert (act.kind, act.actor, act.data["version"], act.data["replaces"]) == (
        "action.released",
        cast["heidi"],
        second,
        first,
    )


def test_I15_a_ticket_under_way_keeps_its_version(team, cast, hosts) -> None:
    first = taken(team)
    releasing.release(key=KEY, version=first, note="", actor=None)
    template()
    ticket = submit("own", cast, ["demo-01"])
    releasing.release(key=KEY, version=taken(team, "# two\n"), note="", actor=None)
    approve(ticket, cast)
    dispatch()
    claimed = claim(Job.objects.get(ticket=ticket).pk)
    assert claimed is not None
    assert claimed.order.action.version == first
    assert claimed.order.action.files["playbook.yml"] == PLAYBOOK.encode()


def waiting_job(team, cast) -> Job:
    releasing.release(key=KEY, version=taken(team), note="", actor=None)
    template()
    ticket = submit("own", cast, ["demo-01"])
    approve(ticket, cast)
    dispatch()
    return Job.objects.get(ticket=ticket)


def test_withdrawn_means_no_new_plan_and_what_is_approved_runs(team, cast, hosts) -> None:
    job = waiting_job(team, cast)
    releasing.withdraw(
        key=KEY, version=job.content.plans["run"]["version"], note="old", recall=False, actor=cast["heidi"]
    )
    assert library().action(KEY) is None
    with pytest.raises(PlanRefused) as refused:
        submit("own", cast, ["demo-01"])
    assert refused.value.errors[0]["code"] == "withdrawn_action"
    assert claim(job.pk) is not None


def test_recalled_means_that_what_is_approved_never_begins(team, cast, hosts) -> None:
    job = waiting_job(team, cast)
    version = job.content.plans["run"]["version"]
    releasing.withdraw(key=KEY, version=version, note="deletes too much", recall=True, actor=cast["heidi"])
    assert claim(job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "refused")
    assert f"recalled_action: {KEY} {version[:12]} was recalled: deletes too much" in log_of(job)
    assert "execution.refused" not in kinds(job.ticket)  # no alarm: a person did it


def owner(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")
    library().shelf.forget()


def test_A32_a_recall_taken_back_in_the_database_still_holds(team, cast, hosts) -> None:
    job = waiting_job(team, cast)
    row = ActionVersion.objects.get(key=KEY)
    before = (row.state, row.is_recalled, row.note, row.act, row.change, row.seal)
    releasing.withdraw(key=KEY, version=row.version, note="no", recall=True, actor=cast["heidi"])
    owner(
        "UPDATE automation_actionversion SET state = %s, is_recalled = %s, note = %s, act = %s, change = %s, seal = %s,"
        " withdrawn_at = NULL, withdrawn_by_id = NULL WHERE key = %s", *before, KEY,
    )  # fmt: skip
    assert library().action(KEY) is None  # an old row with its old seal: the trail knows better
    assert claim(job.pk) is None
    assert "recalled_action" in log_of(job)


def test_A32_an_old_release_put_back_is_not_believed(team, cast) -> None:
    first = taken(team)
    releasing.release(key=KEY, version=first, note="", actor=None)
    old = ActionVersion.objects.get(version=first)
    second = taken(team, "# two\n")
    releasing.release(key=KEY, version=second, note="", actor=None)
    owner("UPDATE automation_actionversion SET state = 'withdrawn' WHERE version = %s", second)
    owner("UPDATE automation_actionversion SET state = 'released', act = %s, change = %s, seal = %s WHERE version = %s",
          old.act, old.change, old.seal, first)  # fmt: skip
    assert library().action(KEY) is None


def test_A32_a_state_flipped_in_the_database_releases_nothing(team, cast, browsers) -> None:
    version = taken(team)
    owner("UPDATE automation_actionversion SET state = 'released' WHERE key = %s", KEY)
    assert library().action(KEY) is None
    assert post(browsers["heidi"], f"{KEY}/versions/{version}/release").json()["code"] == "action_not_sound"
    shown = browsers["heidi"].get(f"/api/v1/actions/{KEY}").json()
    assert (shown["action"], shown["versions"][0]["is_sound"]) == (None, False)


def test_who_may_release(team, browsers) -> None:
    version = taken(team)
    for name in ("alice", "erin"):
        assert post(browsers[name], f"{KEY}/versions/{version}/release").status_code == 403
        assert post(browsers[name], f"{KEY}/versions/{version}/withdraw", note="x").status_code == 403
        assert post(browsers[name], "sync").status_code == 403
        assert browsers[name].get("/api/v1/actions/sync").status_code == 403
        assert browsers[name].get("/api/v1/actions?all=true").status_code == 403
        assert browsers[name].get(f"/api/v1/actions/{KEY}/versions/{version}").status_code == 403
        assert browsers[name].get(f"/api/v1/actions/{KEY}").status_code == 404
    assert states() == {version: "new"}


def test_the_calls_of_the_page(team, browsers, settings) -> None:
    heidi = browsers["heidi"]
    assert post(heidi, "sync").json()["code"] == "no_actions_source"
    settings.ACTIONS_SOURCE = str(team.root)
    first = taken(team)
    asked = post(heidi, "sync")
    assert asked.status_code == 202
    assert asked.json()["state"] == "waiting"
    team.write(f"actions/{KEY}/playbook.yml", PLAYBOOK + "# \u202e<script>\n")
    commit = team.commit()
    sync.perform(asked.json()["id"])
    [look] = heidi.get("/api/v1/actions/sync").json()["results"]
    assert (look["state"], look["asked_by"], look["commit"]) == ("done", "heidi", commit)
    [fresh] = look["fresh"]
    assert KEY in [row["key"] for row in heidi.get("/api/v1/actions?all=true&limit=100").json()["results"]]
    short, other = fresh["version"][:12], first[:12]
    whole = heidi.get(f"/api/v1/actions/{KEY}/versions/{short}?against={other}").json()
    assert [file["path"] for file in whole["files"]] == ["action.yaml", "playbook.yml"]
    assert whole["diff"] == (
        "--- a/playbook.yml\n+++ b/playbook.yml\n@@ -2,3 +2,4 @@\n   hosts: all\n   gather_facts: false\n   tasks: []\n"
        "+# \\u202e<script>\n"
    )
    released = post(heidi, f"{KEY}/versions/{short}/release", note="seen").json()
    assert (released["state"], released["released_by"], released["note"]) == ("released", "heidi", "seen")
    assert post(heidi, f"{KEY}/versions/{short}/release").json()["code"] == "wrong_state"
    shown = heidi.get(f"/api/v1/actions/{KEY}").json()
    assert shown["action"]["version"] == fresh["version"]
    assert {row["version"]: row["state"] for row in shown["versions"]} == {fresh["version"]: "released", first: "new"}
    assert shown["allowed_actions"] == ["release", "withdraw"]
    assert post(heidi, f"{KEY}/versions/{short}/withdraw", note=" ").json()["code"] == "comment_required"
    gone = post(heidi, f"{KEY}/versions/{short}/withdraw", note="bad", recall=True).json()
    assert (gone["state"], gone["is_recalled"], gone["withdrawn_by"]) == ("withdrawn", True, "heidi")
    assert post(heidi, f"{KEY}/versions/{'0' * 12}/release").status_code == 404
    assert post(heidi, f"{KEY}/versions/{short[:11]}/release").status_code == 404
    assert browsers["alice"].get("/api/v1/actions/service.restart").json()["versions"] == []


def test_what_does_not_fit_today_is_not_released(team, cast) -> None:
    team.write("actions/acme.check/action.yaml", ACTION + "read_only: true\n")
    team.write("actions/acme.check/playbook.yml", PLAYBOOK)
    team.write(
        f"actions/{KEY}/action.yaml", ACTION + "rollback: {action: acme.check, params: {service: '{service}'}}\n"
    )
    version = taken(team)
    with pytest.raises(ActionRefused) as refused:
        releasing.release(key=KEY, version=version, note="", actor=None)
    assert refused.value.errors[0]["path"] == "rollback.action"
    check = ActionVersion.objects.get(key="acme.check").version
    releasing.release(key="acme.check", version=check, note="", actor=None)
    assert releasing.release(key=KEY, version=version, note="", actor=None).state == "released"


def test_the_commands(team, capsys) -> None:
    version = taken(team)
    call_command("actions", "release", KEY, version[:12], "--note", "reviewed")
    assert capsys.readouterr().out == f"{KEY} {version[:12]} is released\n"
    call_command("actions", "list")
    assert f"{KEY:32} {version[:12]}  released    {team.root}@" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("actions", "withdraw", KEY, version[:12])
    call_command("actions", "withdraw", KEY, version[:12], "--note", "bad", "--recall")
    assert capsys.readouterr().out == f"{KEY} {version[:12]} is recalled\n"
    with pytest.raises(CommandError, match="12"):
        call_command("actions", "release", KEY, version[:11])


def test_what_is_gone_from_the_repository_stays_released_and_is_named(team, capsys) -> None:
    releasing.release(key=KEY, version=taken(team), note="", actor=None)
    team.write("actions/acme.other/action.yaml", ACTION)
    team.write("actions/acme.other/playbook.yml", PLAYBOOK)
    team.git("rm", "-r", "--quiet", f"actions/{KEY}")
    team.commit()
    call_command("actions", "sync", str(team.root))
    assert f"gone: {KEY}" in capsys.readouterr().err
    assert library().action(KEY) is not None


def test_a_name_that_ships_is_replaced_by_people_only(team, tmp_path, cast) -> None:
    folder = tmp_path / "service.restart"
    folder.mkdir()
    (folder / "action.yaml").write_text(ACTION)
    (folder / "playbook.yml").write_text(PLAYBOOK)
    own = load_action(folder)
    seal(found_version(own, "/srv/ops", "", timezone.now(), next_change())).save()
    assert library().action("service.restart").version != own.version
    releasing.release(key="service.restart", version=own.version, note="ours", actor=cast["heidi"])
    assert library().action("service.restart").version == own.version
    assert ActionSync.objects.count() == 0


def only_for(team: Team, rule: str) -> None:
    team.write(f"actions/{KEY}/action.yaml", ACTION + f"usable_by: [{rule}]\n")
    releasing.release(key=KEY, version=taken(team), note="", actor=None)


def test_an_action_is_refused_to_whom_it_is_not_for(team, cast, hosts) -> None:
    only_for(team, "{role: sre}, {user: bob}")
    template()
    with pytest.raises(PlanRefused) as refused:
        submit("own", cast, ["demo-01"])
    assert refused.value.errors[0]["code"] == "action_not_for_you"
    assert submit("own", cast | {"alice": cast["erin"]}, ["demo-01"]).number


def test_a_department_stands_for_those_below_it(team, cast, hosts) -> None:
    above = Department.objects.create(key="engineering", name="研发部")
    Department.objects.filter(key="platform").update(parent=above)
    only_for(team, "{department: engineering}")
    template()
    assert submit("own", cast, ["demo-01"]).number


def test_the_authors_check_names_those_for_whom_an_action_is_not(team, cast) -> None:
    only_for(team, "{role: sre}")
    text = HEAD.format(key="own", action=KEY, form="", params="service: \"'nginx'\"", more="")
    found = check(text)
    [warning] = [finding for finding in found.warnings if finding.code == "action_not_for"]
    assert warning.path == "chain[1].action"
    assert "alice" in warning.message["en"]
    assert "erin" not in warning.message["en"]
    narrow = check(text.replace("visible_to: [everyone]", "visible_to: [{user: alice}]"))
    assert [finding.code for finding in narrow.errors] == ["action_for_nobody"]
