# ruff: noqa: INP001 (a module for Ansible, not a package)
# mypy: disable-error-code="import-untyped"
"""Mark one server of an nginx upstream as down, or take the mark away; nginx checks the file, then loads it."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    """Run as a module of Ansible's."""
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "server": {"type": "str", "required": True},
            "wanted": {"type": "str", "required": True, "choices": ["in", "out"]},
        },
        supports_check_mode=True,
    )
    path, server, wanted = Path(module.params["path"]), module.params["server"], module.params["wanted"]
    try:
        before = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        module.fail_json(msg=f"{path}: {error}")
    after, found = marked(before, server, is_down=wanted == "out")
    if not found:
        module.fail_json(msg=f"{path} has no server {server}.")
    if after != before and not module.check_mode:
        put(path, after)
        code, said, wrong = module.run_command(["nginx", "-t"])
        if code == 0:
            code, said, wrong = module.run_command(["nginx", "-s", "reload"])
        if code != 0:
            put(path, before)
            module.fail_json(msg=f"nginx refused it; the file is as before. {(wrong or said).strip()}")
    diff = {"before": before, "after": after, "before_header": str(path), "after_header": str(path)}
    module.exit_json(changed=after != before, diff=diff)


def marked(text: str, server: str, *, is_down: bool) -> tuple[str, int]:
    """The text with this server marked down, or not; how often it is there."""
    line = re.compile(rf"^([ \t]*server[ \t]+{re.escape(server)}\b[^;\n#]*?)([ \t]+down)?([^;\n#]*;)", re.MULTILINE)
    return line.subn(lambda match: match[1] + (" down" if is_down else "") + match[3], text)


def put(path: Path, text: str) -> None:
    """Replace the file in one step, with the mode and owner that it has."""
    known = path.stat()
    descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=".baton-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.chown(fresh, known.st_uid, known.st_gid)
    Path(fresh).chmod(known.st_mode & 0o7777)
    Path(fresh).replace(path)


if __name__ == "__main__":
    main()
