"""An operator sees which version each process runs, and so when an upgrade is done (F15)."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery import signals
from django.core.management import call_command
from django.db.models.functions import Now

from config import versions
from config.environment import ROOT
from config.models import Pulse

pytestmark = pytest.mark.django_db


def ran(version: str, host: str, ago: timedelta = timedelta(0)) -> None:
    Pulse.objects.create(name=f"runs:{version}:{host}", at=Now() - ago)


def works(host: str) -> None:
    """A worker of this name begins a task."""
    signals.task_prerun.send(sender=None, task=SimpleNamespace(request=SimpleNamespace(hostname=host)))


def test_the_version_is_the_release_and_the_commit() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(\+[0-9a-f]{7,})?", versions.VERSION)


def test_an_archive_knows_its_commit(monkeypatch) -> None:
    attributes = (ROOT / ".gitattributes").read_text().splitlines()
    assert "config/versions.py export-subst" in attributes
    monkeypatch.setattr(versions, "ARCHIVED", "65c9b1ec")
    assert versions._version().endswith("+65c9b1ec")


def test_a_folder_without_history_has_its_release_only(monkeypatch, tmp_path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    assert versions._version() == "1.2.3"


def test_web_processes_say_it_in_their_metrics(client) -> None:
    assert f'baton_build_info{{version="{versions.VERSION}"}} 1' in client.get("/metrics").content.decode()


def test_workers_report_it_every_few_seconds(monkeypatch) -> None:
    monkeypatch.setattr(versions, "_reported_at", float("-inf"))
    works("worker@one")
    works("worker@one")
    assert Pulse.objects.get(name=f"runs:{versions.VERSION}:worker@one").count == 1
    assert versions.others() == {}


def test_F15_doctor_names_what_still_runs_another_version(capsys) -> None:
    ran("0.0.9+0ddba11", "worker@one")
    ran("0.0.9+0ddba11", "executor@two")
    ran("0.0.8", "worker@stopped", ago=timedelta(minutes=2))
    ran(versions.VERSION, "worker@three")
    with pytest.raises(SystemExit):
        call_command("doctor")
    [said] = [line for line in capsys.readouterr().out.splitlines() if "versions" in line]
    assert said.startswith("✕ versions")
    assert said.endswith("executor@two, worker@one 0.0.9+0ddba11")


def test_old_reports_go_when_a_worker_starts() -> None:
    ran("0.0.9", "worker@one", ago=timedelta(days=2))
    ran("0.0.9", "worker@two")
    signals.worker_ready.send(sender=None)
    assert [pulse.name for pulse in Pulse.objects.filter(name__startswith="runs:")] == ["runs:0.0.9:worker@two"]
