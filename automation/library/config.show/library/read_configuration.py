# ruff: noqa: INP001 (a module for Ansible, not a package)
# mypy: disable-error-code="import-untyped"
"""Read the configuration files of one application, secrets masked before anything leaves the host."""

from __future__ import annotations

import re
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

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


def main() -> None:
    """Run as a module of Ansible's."""
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "str", "required": True},
            "application": {"type": "str", "required": True, "choices": sorted(FILES)},
        },
        supports_check_mode=True,
    )
    folder, patterns = FILES[module.params["application"]]
    files = list(read(module.params["root"], folder, patterns))
    if not files:
        module.fail_json(msg=f"There is no configuration of {module.params['application']} below {folder}.")
    module.exit_json(changed=False, files=files)


def read(root: str, folder: str, patterns: list[str]):  # type: ignore[no-untyped-def]
    """The files as {path, lines}. A link that leads out of the folder is named, not followed (A29)."""
    base = Path(root + folder)
    found = [path for pattern in patterns for path in sorted(base.glob(pattern))]
    for path in found[:FILES_MAX]:
        real, shown = path.resolve(), str(path)[len(root) :]
        if base.resolve() not in real.parents:
            yield {"path": shown, "lines": ["(a link out of this folder; not shown)"]}
        elif real.is_file():
            with real.open("rb") as file:
                text = file.read(FILE_MAX).decode("utf-8", "replace")
            yield {"path": shown, "lines": masked(text.splitlines())}


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
    main()
