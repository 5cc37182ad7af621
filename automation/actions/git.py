"""Reads one commit of a git repository without a checkout, so no hook or filter runs; links and submodules are refused.

git works in its own folder with a minimal environment: no configuration of the machine or the account, no terminal
prompts, only https, ssh and local paths, a time limit, and no file larger than GIT_FILE_MAX.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from automation.actions.source_tree import ENTRIES_MAX, Entry, SourceUnusable
from common.git_names import ADDRESS, REF

GIT_FILE_MAX = 256 * 1024 * 1024
LISTING_MAX = 8 * 1024 * 1024
PATIENCE_S = 300
KEPT = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "GIT_SSL_CAINFO", "SSL_CERT_FILE")
WANTED = "refs/baton/wanted"
# A separate process sets the limit: in a threaded worker it is not safe to run Python between fork and exec.
LIMITED = "import os, resource, sys; n = int(sys.argv[1]); resource.setrlimit(resource.RLIMIT_FSIZE, (n, n)); "
LIMITED += "os.execvp(sys.argv[2], sys.argv[2:])"
ODD = {b"120000": "link", b"160000": "submodule"}


@dataclass(frozen=True)
class GitTree:
    """The tree of one commit; usable while its temporary repository exists."""

    repository: "Repository"
    commit: str
    entries: Mapping[str, Entry]

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """The bytes of these files. Raises SourceUnusable."""
        wanted = list(names)
        most = sum(self.entries[name].size + 100 for name in wanted)
        asked = "".join(f"{self.entries[name].id}\n" for name in wanted).encode()
        said = self.repository.git("cat-file", "--batch", given=asked, most=most)
        found, at = {}, 0
        for name in wanted:
            end = said.index(b"\n", at)
            size = self.entries[name].size
            if said[at:end] != f"{self.entries[name].id} blob {size}".encode():
                raise SourceUnusable(f"{name} cannot be read from the repository")
            found[name] = said[end + 1 : end + 1 + size]
            at = end + 2 + size
        return found


class Repository:
    """A bare repository in its own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *words: str, given: bytes = b"", most: int = LISTING_MAX) -> bytes:
        """Run git and return its output. given: bytes for its standard input. most: limit of the output in bytes.

        Raises SourceUnusable if git fails, takes too long, or prints more than `most`.
        """
        command = [sys.executable, "-I", "-c", LIMITED, str(GIT_FILE_MAX), "git", "-c", "core.hooksPath=/dev/null"]
        command += [
            "-c",
            "http.followRedirects=false",
            "-c",
            "gc.auto=0",
            "--git-dir",
            str(self.folder / "repository"),
            *words,
        ]
        with tempfile.TemporaryFile(dir=self.folder) as out, tempfile.TemporaryFile(dir=self.folder) as bad:
            process = subprocess.Popen(  # noqa: S603 (fixed words; source and ref are checked)
                command, stdin=subprocess.PIPE, stdout=out, stderr=bad, env=_environment(self.folder),
                cwd=self.folder, start_new_session=True,
            )  # fmt: skip
            try:
                process.communicate(given, timeout=PATIENCE_S)
            except subprocess.TimeoutExpired as error:
                raise SourceUnusable(f"git took longer than {PATIENCE_S} s") from error
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            bad.seek(0)
            if process.returncode:
                raise SourceUnusable(_reason(bad.read(4000)))
            out.seek(0)
            said = out.read(most + 1)
        if len(said) > most:
            raise SourceUnusable("the repository holds too much")
        return said


def _environment(folder: Path) -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT if name in os.environ} | {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "/bin/false",
        "SSH_ASKPASS": "/bin/false",
        "GIT_ALLOW_PROTOCOL": "https:ssh:file",
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=20 -oClearAllForwardings=yes",
        "GIT_NO_LAZY_FETCH": "1",
    }


def _reason(said: bytes) -> str:
    """The last line of git's error output, without user names and passwords in addresses."""
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    told = "".join(letter if letter.isprintable() else " " for letter in (lines[-1] if lines else "git failed"))
    return re.sub(r"://[^/@\s]*@", "://", told)[:300]


def shown(source: str) -> str:
    """An address for people to see: without user and password."""
    parts = urlsplit(source)
    if not parts.scheme or "@" not in parts.netloc:
        return source
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def is_repository(folder: Path) -> bool:
    """Whether this folder is a git repository: a work tree or a bare repository."""
    return (folder / ".git").exists() or ((folder / "HEAD").is_file() and (folder / "objects").is_dir())


@contextmanager
def commit_of(source: str, ref: str) -> Iterator[GitTree]:
    """Fetch the commit that this branch, tag or commit id names now. Raises SourceUnusable."""
    if ADDRESS.fullmatch(source) is None:
        raise SourceUnusable(f"{shown(source)} is no https or ssh address and no absolute path")
    if REF.fullmatch(ref) is None:
        raise SourceUnusable(f"{ref!r} is no name of a branch, tag or commit")
    with tempfile.TemporaryDirectory(prefix="baton-actions-") as folder:
        repository = Repository(Path(folder))
        try:
            repository.git("init", "--quiet", "--bare", "--template=", str(repository.folder / "repository"))
        except FileNotFoundError as error:
            raise SourceUnusable("git is not installed on this machine") from error
        fetch = ("fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance")
        repository.git(*fetch, "--", source, f"+{ref}:{WANTED}")
        commit = repository.git("rev-parse", "--verify", "--quiet", f"{WANTED}^{{commit}}").decode().strip()
        yield GitTree(repository, commit, _entries(repository, commit))


def _entries(repository: Repository, commit: str) -> dict[str, Entry]:
    listing = repository.git("ls-tree", "-r", "-z", "-l", "--full-tree", commit)
    entries = {}
    for line in listing.split(b"\0")[:-1]:
        about, _tab, name = line.partition(b"\t")
        mode, _kind, oid, size = about.split()
        odd = ODD.get(mode, "" if mode.startswith(b"100") else "special")
        path = name.decode("utf-8", "backslashreplace")
        entries[path] = Entry(0 if odd else int(size), odd, oid.decode())
    if len(entries) > ENTRIES_MAX:
        raise SourceUnusable(f"the repository holds more than {ENTRIES_MAX} files: give actions one of their own")
    return entries
