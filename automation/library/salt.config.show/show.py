# ruff: noqa: INP001, T201 (a script for hosts, not a package)
"""Show the configuration files of one application, secrets masked before anything leaves the host.

What is read and what is masked is the same as in config.show: a test compares them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

FILES = {
    "nginx": ("/etc/nginx", ["nginx.conf", "conf.d/*.conf", "sites-enabled/*"]),
    "haproxy": ("/etc/haproxy", ["haproxy.cfg", "conf.d/*.cfg"]),
    "syslog": ("/etc", ["rsyslog.conf", "rsyslog.d/*.conf"]),
    "sysctl": ("/etc", ["sysctl.conf", "sysctl.d/*.conf"]),
    "sshd": ("/etc/ssh", ["sshd_config", "sshd_config.d/*.conf"]),
}
FILES_MAX, FILE_MAX = 100, 100_000
MASK = "********"
NAMES = r"[\w.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|credentials?)[\w.-]*"
SECRETS = [
    (re.compile(rf"""(?i)({NAMES}["']?\s*[=:]\s*|\b{NAMES}["']?\s+)("[^"]*"|'[^']*'|[^\s;,)"']+)"""), rf"\1{MASK}"),
    (re.compile(r"(?i)(\bauthorization\b[\"']?[\s:=]+)[^;]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)(\bstats\s+auth\s+[^\s:]+:)\S+"), rf"\1{MASK}"),
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)"), rf"\1{MASK}"),
    (re.compile(r"(:om(?:mysql|pgsql):[^,\s]*,[^,\s]*,[^,\s]*,)[^\s;]+"), rf"\1{MASK}"),
]
KEY_BEGINS, KEY_ENDS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), "PRIVATE KEY-----"


def main(application: str, root: str = "") -> None:
    """The files, one after the other. A link that leads out of the folder is named, not followed (A29)."""
    folder, patterns = FILES[application]
    base = Path(root + folder)
    found = [path for pattern in patterns for path in sorted(base.glob(pattern))]
    if not found:
        sys.exit(f"There is no configuration of {application} below {folder}.")
    for path in found[:FILES_MAX]:
        real = path.resolve()
        if base.resolve() not in real.parents:
            print(f"--- {path}\n(a link out of this folder; not shown)")
        elif real.is_file():
            with real.open("rb") as file:
                text = file.read(FILE_MAX).decode("utf-8", "replace")
            print(f"--- {path}", *masked(text.splitlines()), sep="\n")


def masked(lines: list[str]) -> list[str]:
    """The lines without what looks like a secret; rather too much than too little."""
    shown, in_key = [], False
    for line in lines:
        if in_key:
            in_key = KEY_ENDS not in line
            continue
        if begins := KEY_BEGINS.search(line):
            in_key = KEY_ENDS not in line[begins.end() :]
            line = line[: begins.start()] + MASK  # noqa: PLW2901 (what is left of it)
        for pattern, put in SECRETS:
            line = pattern.sub(put, line)  # noqa: PLW2901 (one after the other)
        shown.append(line)
    return shown


if __name__ == "__main__":
    main(*sys.argv[1:])
