"""A separate worker process that a test can kill."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.db import connection

from automation.models import Job

WORKER = """
import json, sys, django
django.setup()
from contextlib import nullcontext
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[2]
from automation.background.run import run
from tests.automation.health import checked_by
of, step = json.loads(sys.argv[3])
with checked_by(step, of=of) if step else nullcontext():
    run(int(sys.argv[1]))
"""


def worker(job: Job, home: Path, check: tuple[str, Any] = ("", None)) -> "subprocess.Popen[bytes]":
    """Runs the job on the test's database and data folder. check: an action and its health check, as in health.py."""
    env = os.environ | {"BATON_HOME": str(home), "DJANGO_SETTINGS_MODULE": "config.settings"}
    name = str(connection.settings_dict["NAME"])
    return subprocess.Popen([sys.executable, "-c", WORKER, str(job.pk), name, json.dumps(check)], env=env)
