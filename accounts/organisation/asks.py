"""What the rules of a chain will ask of the organisation, known before anybody asks."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Asks:
    """What rules ask whatever a form says: holders of roles, people by name, the applicant's managers, heads."""

    roles: tuple[str, ...] = ()
    usernames: tuple[str, ...] = ()
    managers: bool = False
    heads: bool = False

    def of(self, person_id: int, department_id: int | None) -> dict[str, list[Any]]:
        """The values of people.KNOWING for this applicant."""
        return {
            "names": ["", *self.usernames],
            "roles": ["", *self.roles],
            "people": [0, person_id] if self.managers else [0],
            "departments": [0, department_id] if self.heads and department_id is not None else [0],
        }
