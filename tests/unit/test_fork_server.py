"""The fork server of `make run`: what it forks is our process, and only the executor has the executor's secrets."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.environment import EXECUTOR_FILE, ROOT
from devtools.checks import SETTINGS

# In a process of its own, which adopts the orphans. Four parts: one that shows what it has and where it is, one that
# fails, the executor, and one after the fork server was killed.
SCRIPT = f"""
import os, sys, threading
from pathlib import Path
from devtools.embedded.forks import Forked, ForkServer
from devtools.embedded.supervisor import Child, adopt_orphans
assert adopt_orphans()
home = Path(os.environ["BATON_HOME"])
server = ForkServer(home / "server.log")
server.start()
assert server.await_ready(), (home / "server.log").read_text()
assert len(os.listdir(f"/proc/{{server.process.pid}}/task")) == 1
links = [os.readlink(f"/proc/{{server.process.pid}}/fd/{{fd}}") for fd in (0, 1, 2, 3, 4, 5, 6, 7) if fd > 2
         and os.path.exists(f"/proc/{{server.process.pid}}/fd/{{fd}}")]
assert len([link for link in links if link.startswith("socket:")]) == 1, links

def shell(code, env=None):
    command = [sys.executable, "-m", "django", "shell", "--no-imports", "-c", code]
    child = Child("part", command, env or {{}}, home / "part.log", server.fork)
    child.start()
    print(type(child.process).__name__, child.process.wait(30))
    return child

SHOW = "import os; from django.conf import settings; print(os.getppid(), list(settings.CREDENTIAL_KEYS), " \\
       "os.environ.get('BATON_CREDENTIAL_PRIVATE_KEYS'), open('/proc/self/cmdline').read().split(chr(0))[1:4])"
shell(SHOW)
shell("raise SystemExit(3)")
shell(SHOW, {{"{EXECUTOR_FILE}": str(home / "executor.env")}})
shell(SHOW)
assert server.run("django", "no-such-command")[0] == 1
server.kill()
server.process.wait(10)
shell("print('without')")
print(os.getpid())
print((home / "part.log").read_text())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")
def test_forked_parts_are_ours_and_only_the_executor_gets_its_secrets(tmp_path: Path) -> None:
    from common import sealed_box

    _public, private = sealed_box.new_pair("key-1")
    (tmp_path / "executor.env").write_text(f"BATON_CREDENTIAL_PRIVATE_KEYS={private}\n")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("BATON_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        env={**clean, **SETTINGS, "DATABASE_URL": "postgres://nobody@127.0.0.1:9/nothing", "BATON_HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.split("\n")
    assert lines[:5] == ["Forked 0", "Forked 3", "Forked 0", "Forked 0", "Popen 0"]
    us = lines[5]
    shown = [line.split(" ", 2) for line in lines[6:] if line.startswith(us)]
    assert [(who, keys) for who, keys, _rest in shown] == [(us, "[]"), (us, "['key-1']"), (us, "[]")]
    assert private in shown[1][2]
    assert private not in shown[0][2] + shown[2][2]
    assert all("['-m', 'django', 'shell']" in rest for _who, _keys, rest in shown)  # `ps` shows the command
    assert "without" in done.stdout
