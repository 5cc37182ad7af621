"""What a command on a task is about to read, found out before the ticket is locked (beside the session)."""

from dataclasses import dataclass
from typing import Any

from accounts.fragments import Fragment
from templates_engine.store.programs import load

TICKET_OF_TASK = """(
    SELECT jsonb_build_object('ticket', t.id, 'version', t.template_version_id, 'applicant', t.applicant_id,
                              'department', a.department_id)
    FROM tickets_approvaltask k JOIN tickets_ticket t ON t.id = k.ticket_id
    JOIN accounts_user a ON a.id = t.applicant_id
    WHERE k.id = %(task)s
)"""


@dataclass(frozen=True)
class Foretold:
    """The ticket of a task, which never changes; and what decides only what is loaded early: ids of the template's
    version, the applicant and the applicant's department.
    """

    ticket: int
    version: int
    applicant: int
    department: int | None

    def asked(self) -> dict[str, Any]:
        """What the chain's rules will ask of the organisation (Asks.of)."""
        return load(self.version).asks.of(self.applicant, self.department)


def ticket_of(task_id: int) -> Fragment:
    """The ticket of this task: the values of a Foretold, or null."""
    return Fragment(TICKET_OF_TASK, {"task": task_id})
