"""Check the `run:` section of an action: one check per executor, all with the same signature."""

import tempfile
from pathlib import Path

from automation.actions.files import content_version, write_files
from automation.actions.sections import Draft, SectionCheck
from automation.executors.ansible.section import check_section as check_ansible
from automation.executors.http.section import check_section as check_http
from automation.executors.manual.section import check_section as check_manual
from automation.executors.salt.section import check_section as check_salt


def _ansible(draft: Draft) -> None:
    """Ansible's files are checked in a folder laid out as for a run."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "action"
        write_files(draft.files, content_version(draft.files), place)
        check_ansible(draft.run, place)


CHECKS: dict[str, SectionCheck] = {
    "ansible": _ansible,
    "http": lambda draft: check_http(draft.run, draft.params),
    "manual": lambda draft: check_manual(draft.run),
    "salt": lambda draft: check_salt(draft.run, draft.files, draft.params, draft.dry_run),
}
