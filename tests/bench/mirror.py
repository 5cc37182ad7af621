"""The mirror: Baton of an older commit, beside that of today, seeded by its own code.

Only its API is used, which does not change.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from config.environment import ROOT
from tests.bench.bed import Bed
from tests.bench.sides import Side, answers, new_database
from tests.house import wait_for

LOCK = "requirements/base.txt"  # all that its web server and its seed need
# Older commits have some things elsewhere: the first place that is there counts.
PLACED = """
import json, sys
from importlib import import_module
from importlib.util import find_spec
def first(*places):
    return import_module(next(place for place in places if find_spec(place.partition(".")[0]) and find_spec(place)))
"""
INSTALL = (
    PLACED
    + """
bootstrap = first("devtools.bootstrap", "config.bootstrap")
bootstrap.check_python()
bootstrap.install_python("base")
"""
)
COMMAND = (
    PLACED
    + """
print(json.dumps(first("devtools.embedded.commands", "devtools.run", "config.run").web(int(sys.argv[1]))))
"""
)
FURNISH = """
import sys, types
import django
django.setup()
from tests.bench import bed, seed
first, size = map(int, sys.argv[1:])
if not size:
    bed.Bed.set_up_django()
seed.grow(types.SimpleNamespace(state={"seeded": first}), size)
from django.db import connection
for table in seed.TABLES:
    connection.cursor().execute(f"SELECT setval(pg_get_serial_sequence('tickets_{table}', 'id'), "
                                f"greatest(max(id), 1000000000)) FROM tickets_{table}")
"""


class Mirror(Side):
    """Baton of this commit, in a checkout below the bed's folder; with packages of its own if the lock file differs."""

    name, web, database = "baseline", "baseline", "baseline"

    def __init__(self, bed: Bed, port: int, commit: str) -> None:
        super().__init__(bed, port)
        self.root = checkout(commit, bed.folder / "baseline")
        self.python = python_for(self.root)
        self.seeded = 0

    def start(self) -> None:
        """Create and fill its database, and start its web server."""
        self.env = {
            "DATABASE_URL": new_database(self.database),
            "BATON_URL": f"http://127.0.0.1:{self.port}",
            "BATON_HOME": str(self.bed.folder / "baseline-home"),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(self.root),
        }
        self.run("manage.py", "migrate", "--no-input")
        self.run("manage.py", "demo", "load")
        self.run("-c", FURNISH, "0", "0")
        command = json.loads(self.run("-c", COMMAND, str(self.port)))
        # In its checkout: `-m` and granian look for code in the folder that they are started in.
        self.bed.add(self.web, ["env", "--chdir", str(self.root), str(self.python), *command[1:]], self.env)
        wait_for(lambda: answers(self.port), "the baseline", 60)

    def grow(self, size: int) -> None:
        """Seed by its own SQL, which knows its tables."""
        self.run("-c", FURNISH, str(self.seeded), str(size))
        self.seeded = size

    def run(self, *arguments: str) -> str:
        """Run its Python in its checkout."""
        command, env = [str(self.python), *arguments], os.environ | self.env
        done = subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


def checkout(commit: str, folder: Path) -> Path:
    """The files of a commit, with the web app of today: its pages are not measured."""
    folder.mkdir()
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)
    assert archive.returncode == 0, f"BASELINE={commit}: {archive.stderr.decode()}"
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    (folder / "frontend" / "dist").symlink_to(ROOT / "frontend" / "dist")
    return folder


def python_for(root: Path) -> Path:
    """This Python, or one of its own where its lock file differs."""
    if (root / LOCK).read_bytes() == (ROOT / LOCK).read_bytes():
        return Path(sys.executable)
    subprocess.run([sys.executable, "-c", INSTALL], cwd=root, check=True)
    return root / ".venv" / "bin" / "python"
