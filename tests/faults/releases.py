"""Two releases beside this code: one whose database has more, and the one before the newest migration."""

import shutil
import subprocess
import sys
import tarfile
from fnmatch import fnmatch
from io import BytesIO
from pathlib import Path

import requests

from devtools.checks import APPS
from devtools.embedded.commands import web
from tests.house import ROOT, House, wait_for

NEWER = "99.0.0"
HOT = {
    "tickets": ("ticket", "contentversion", "nodevisit", "approvaltask", "event", "participant", "timer", "outbox"),
    "automation": ("job", "jobhost"),
    "notify": ("delivery",),
    "accounts": ("session", "idempotencyrecord"),
}
MIGRATION = """from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("{app}", "{last}")]
    operations = [
        migrations.AddField("{table}", "of_tomorrow", models.JSONField(null=True)),
        migrations.AddField("{table}", "also", models.CharField(max_length=9, db_default="x")),
        migrations.CreateModel("Tomorrow{table}", [("id", models.BigAutoField(primary_key=True))]),
    ]
"""
BACK = "from django.core.management import call_command; [call_command('migrate', *one) for one in {last}.items()]"


class Release:
    """A folder with the code of one release. It uses the packages of this environment and the data of this house."""

    def __init__(self, folder: Path, house: House) -> None:
        self.folder, self.house = folder, house

    def manage(self, *arguments: str) -> str:
        """Run its manage.py, which must succeed."""
        command = [sys.executable, "manage.py", *arguments]
        env = {**self.house.environment(), "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


class Newer(Release):
    """This code with another version and more migrations: columns for each hot table, and new tables."""

    def __init__(self, folder: Path, house: House) -> None:
        super().__init__(folder, house)
        folder.mkdir()
        for name in APPS:
            shutil.copytree(ROOT / name, folder / name)
        shutil.copy(ROOT / "manage.py", folder)
        (folder / "pyproject.toml").write_text(f'[project]\nversion = "{NEWER}"\n')
        self.last = {app: sorted((folder / app / "migrations").glob("0*.py"))[-1].stem for app in HOT}
        for app, tables in HOT.items():
            last = self.last[app]
            for table in tables:
                text = MIGRATION.format(app=app, last=last, table=table)
                last = f"9999_{table}"
                (folder / app / "migrations" / f"{last}.py").write_text(text)

    def back(self) -> None:
        """Take its migrations back."""
        self.manage("shell", "-c", BACK.format(last=self.last))


def git(*arguments: str) -> bytes:
    """The output of git; empty where it fails, as in a checkout without history."""
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False).stdout


def migrations_of(commit: str) -> set[str]:
    """The migrations that this commit has."""
    names = git("ls-tree", "-r", "--name-only", commit, "--", *APPS).decode().split()
    return {name for name in names if fnmatch(name, "*/migrations/0*.py")}


def older(folder: Path, house: House) -> Release | None:
    """The newest commit that does not know all of today's migrations; None in a checkout without history."""
    today = migrations_of("HEAD")
    changes = git("log", "--format=%H", "--diff-filter=AR", "--", "*/migrations/0*.py").decode().split()
    before = (f"{change}^" for change in changes)
    commit = next((one for one in before if set() < migrations_of(one) < today), None)
    if commit is None:
        return None
    with tarfile.open(fileobj=BytesIO(git("archive", commit))) as files:
        files.extractall(folder, filter="data")
    return Release(folder, house)


class Web:
    """One web process of the production layout, on its own port."""

    def __init__(self, release: Release, port: int) -> None:
        self.release, self.port = release, port
        self.url = f"http://127.0.0.1:{port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        command = [*web(self.port)[:-1], "--workers", "1", "config.rsgi:application"]
        if (self.release.folder / "config" / "preload.py").exists():
            command.insert(2, "config.preload")
        with (self.release.house.home / "logs" / f"web-{self.port}.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.release.folder, env=self.release.house.environment(), stdout=log, stderr=log
            )
        wait_for(self.is_ready, f"web process on port {self.port}", 60)

    def is_ready(self) -> bool:
        """Whether database, migrations and broker are well; work that waits is not about this process."""
        assert self.process is not None
        assert self.process.poll() is None, f"the web process of {self.release.folder} has ended"
        try:
            answer = requests.get(f"{self.url}/readyz", timeout=5)
        except requests.RequestException:
            return False
        return answer.ok or bool(answer.json().get("stuck"))

    def version(self) -> str:
        """The line of its metrics that says which version it runs."""
        lines = requests.get(f"{self.url}/metrics", timeout=10).text.splitlines()
        return next((line for line in lines if line.startswith("baton_build_info")), "")

    def stop(self) -> None:
        """Stop it as systemd does; what it works on is answered."""
        if self.process is not None:
            self.process.terminate()
            assert self.process.wait(30) == 0
