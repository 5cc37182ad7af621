"""Inventory sources: read repeatedly, previewed first, and applied only within their limits (A29, I17)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AdminEvent, Role
from automation.commands.source_runs import LOST, read_source, sweep_sources
from automation.executors.salt.client import Salt
from automation.models import Host, InventoryRun, InventorySource
from tests.api.calls import Api
from tests.factories import give_role, user

pytestmark = pytest.mark.usefixtures("world")
TABLE = {"name": "cmdb", "kind": "table", "path": "prod/hosts.csv"}


@pytest.fixture(autouse=True)
def folder(world, tmp_path: Path, settings) -> Path:
    """BATON_INVENTORY_DIR, with one file in it."""
    settings.INVENTORY_DIR = str(tmp_path / "inventory")
    (tmp_path / "inventory/prod").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("name\nstolen-01\n")
    write(tmp_path / "inventory", 2)
    return tmp_path / "inventory"


def write(folder: Path, count: int, address: str = "10.0.0") -> None:
    rows = "".join(f"web-{n},{address}.{n}\n" for n in range(1, count + 1))
    (folder / "prod/hosts.csv").write_text("name,address\n" + rows)


@pytest.fixture
def admin() -> Api:
    return Api("admin")


def source(admin: Api, **more: object) -> int:
    answer = admin.post("inventory/sources", TABLE | more)
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def run(admin: Api, source_id: int, **body: object) -> dict:
    """Ask for a run, and do what the executor does."""
    asked = admin.post(f"inventory/sources/{source_id}/run", body)
    assert asked.status_code == 202, asked.content
    read_source(asked.json()["id"])
    return admin.get(f"inventory/runs/{asked.json()['id']}").json()


def names() -> list[str]:
    return list(Host.objects.filter(name__startswith="web").order_by("name").values_list("name", flat=True))


def test_a_run_is_a_preview_until_it_is_told_to_apply(admin, folder) -> None:
    key = source(admin)
    told = run(admin, key)
    assert (told["state"], told["applied"], told["created"], names()) == ("done", False, 2, [])
    assert [change["name"] for change in told["outcome"]["changes"]] == ["web-1", "web-2"]
    done = run(admin, key, apply=True)
    assert (done["applied"], done["asked_by"], names()) == (True, "admin", ["web-1", "web-2"])
    [act] = AdminEvent.objects.filter(kind="hosts.imported")
    assert (act.actor, act.data["source"]) == (user("admin"), "cmdb")
    shown = admin.get("inventory/sources").json()["results"][0]
    assert (shown["hosts"], shown["last_run"]["id"]) == (2, done["id"])
    runs = admin.get(f"inventory/sources/{key}/runs").json()["results"]
    assert [each["id"] for each in runs] == [done["id"], told["id"]]


def test_what_disappears_is_told_again_and_again_and_never_removed_by_itself(admin, folder) -> None:
    key = source(admin)
    run(admin, key, apply=True)
    write(folder, 1)
    for _again in range(2):
        told = run(admin, key, apply=True)
        assert (told["missing"], told["outcome"]["missing_names"]) == (1, ["web-2"])
    assert Host.objects.get(name="web-2").is_active
    admin.send("PATCH", "hosts/web-2", {"disabled": True})
    run(admin, key)
    assert run(admin, key)["missing"] == 0


def test_on_schedule_it_applies_only_what_it_may_and_only_so_much(admin, folder) -> None:
    key = source(admin, interval_min=30, applies=True, most_changes=3)
    sweep_sources()
    [first] = InventoryRun.objects.all()
    read_source(first.pk)
    first.refresh_from_db()
    assert (first.applied, first.asked_by, names()) == (True, None, ["web-1", "web-2"])
    sweep_sources()
    assert InventoryRun.objects.count() == 1  # not due yet
    write(folder, 9)
    InventorySource.objects.update(next_at=timezone.now())
    sweep_sources()
    second = InventoryRun.objects.latest("pk")
    read_source(second.pk)
    second.refresh_from_db()
    assert (second.state, second.applied, second.held_back) == ("done", False, "too_many_changes")
    assert len(names()) == 2
    assert run(admin, key, apply=True)["applied"]  # a person may
    assert len(names()) == 9


def test_without_leave_a_schedule_only_tells(admin, folder) -> None:
    source(admin, interval_min=30)
    sweep_sources()
    read_source(InventoryRun.objects.get().pk)
    assert InventoryRun.objects.get().outcome["created"] == 2
    assert names() == []


def test_a_run_is_done_once_and_a_lost_one_ends(admin, folder) -> None:
    key = source(admin)
    asked = admin.post(f"inventory/sources/{key}/run", {}).json()["id"]
    assert admin.post(f"inventory/sources/{key}/run", {}).json()["code"] == "run_under_way"
    read_source(asked)
    read_source(asked)
    assert AdminEvent.objects.filter(kind="hosts.imported").count() == 0
    lost = admin.post(f"inventory/sources/{key}/run", {"apply": True}).json()["id"]
    InventoryRun.objects.filter(pk=lost).update(state="running", started_at=timezone.now() - 2 * LOST)
    sweep_sources()
    ended = admin.get(f"inventory/runs/{lost}").json()
    assert (ended["state"], ended["errors"][0]["code"]) == ("failed", "lost")


def test_I17_who_loses_the_right_meanwhile_applies_nothing(admin, folder) -> None:
    Role.objects.get_or_create(key="ops", defaults={"permissions": ["automation.operate"]})
    give_role("ops", "heidi")
    key = source(admin)
    asked = Api("heidi").post(f"inventory/sources/{key}/run", {"apply": True}).json()["id"]
    Role.objects.filter(key="ops").update(permissions=[])
    read_source(asked)
    assert names() == []
    assert InventoryRun.objects.get(pk=asked).applied is False


@pytest.mark.parametrize(
    "path",
    ["../secret.csv", "/etc/passwd", "prod/../../secret.csv", ".hidden", "a\x00b", "a\\b", "prod/.env", "\u202ecsv"],
)
def test_A29_a_path_that_could_lead_out_is_refused(admin, path) -> None:
    assert admin.post("inventory/sources", TABLE | {"path": path}).status_code == 422
    key = source(admin)
    assert admin.send("PATCH", f"inventory/sources/{key}", {"path": path}).status_code == 422


def test_A29_a_link_out_of_the_folder_is_not_followed_and_a_row_is_not_believed(admin, folder) -> None:
    (folder / "link.csv").symlink_to(folder.parent / "secret.csv")
    key = source(admin, path="link.csv")
    assert run(admin, key)["errors"][0]["code"] == "unreadable"
    InventorySource.objects.filter(pk=key).update(path="../secret.csv")
    failed = run(admin, key)
    assert (failed["state"], failed["outcome"]) == ("failed", None)
    assert not Host.objects.filter(name="stolen-01").exists()


def test_a_file_that_cannot_be_read_says_where(admin, folder, settings) -> None:
    (folder / "prod/hosts.csv").write_text("name,address\nweb-1,a b\n")
    key = source(admin)
    failed = run(admin, key, apply=True)
    assert (failed["state"], failed["errors"][0]["path"]) == ("failed", "line 2.address")
    settings.INVENTORY_DIR = ""
    assert "BATON_INVENTORY_DIR" in run(admin, key)["errors"][0]["message"]


def test_hosts_get_the_sources_site(admin, folder) -> None:
    run(admin, source(admin, site="sz"), apply=True)
    assert Host.objects.get(name="web-1").site == "sz"


def test_salt_itself_is_a_source(admin, monkeypatch, settings) -> None:
    settings.SALT_API_URL, settings.SALT_API_USERNAME = "https://salt.example.com", "baton"
    settings.SALT_API_PASSWORD = "x"
    monkeypatch.setattr(Salt, "log_in", lambda self: None)
    answers: dict[str, Any] = {"manage.status": {"return": {"up": ["m1"], "down": ["m2"]}}}
    monkeypatch.setattr(Salt, "runner", lambda self, fun, kwarg, timeout_s: answers[fun])
    said = {"m1": {"os": "Debian", "osrelease": "12"}, "m2": "Minion did not return. [No response]"}
    monkeypatch.setattr(Salt, "grains", lambda self, minions, names: said)
    key = admin.post("inventory/sources", {"name": "salt", "kind": "salt"}).json()["id"]
    done = run(admin, key, apply=True)
    assert (done["applied"], done["created"]) == (True, 2)
    assert Host.objects.get(name="m1").facts == {"os": "Debian 12"}
    assert Host.objects.get(name="m2").facts_at is None
    answers["manage.status"] = {"return": "Exception: not allowed"}
    assert "manage.status" in run(admin, key)["errors"][0]["message"]


def test_sources_are_changed_removed_and_kept_in_the_trail(admin, folder) -> None:
    key = source(admin)
    assert admin.post("inventory/sources", TABLE).json()["code"] == "source_exists"
    assert admin.post("inventory/sources", {"name": "x", "kind": "table"}).status_code == 422
    changed = admin.send("PATCH", f"inventory/sources/{key}", {"interval_min": 60, "applies": True}).json()
    assert changed["next_at"] is not None
    run(admin, key, apply=True)
    assert admin.send("DELETE", f"inventory/sources/{key}").status_code == 204
    assert names() == ["web-1", "web-2"]
    kinds = (
        AdminEvent.objects.filter(kind__startswith="inventory_source").order_by("seq").values_list("kind", flat=True)
    )
    assert list(kinds) == ["inventory_source.added", "inventory_source.changed", "inventory_source.removed"]


def test_an_interval_that_was_taken_away_is_not_due(admin, folder) -> None:
    key = source(admin, interval_min=30)
    admin.send("PATCH", f"inventory/sources/{key}", {"interval_min": 0})
    InventorySource.objects.filter(pk=key).update(next_at=timezone.now() - timedelta(days=1))
    sweep_sources()
    assert not InventoryRun.objects.exists()
