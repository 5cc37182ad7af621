"""Check candidates for a seat: nobody gets two seats, and barred people get none (I03, I04)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.organisation.people import Person
from common.errors import Problem, finding
from templates_engine.approvers import MOST_SEATS
from tickets.engine.walk import Walk
from tickets.errors import Invalid
from tickets.models import NodeVisit
from tickets.rules.rights import barred, taking_part


def free_people(
    walk: Walk,
    visit: NodeVisit,
    users: Sequence[str],
    besides: set[int] | frozenset[int] = frozenset(),
    leaving: set[int] | frozenset[int] = frozenset(),
) -> list[Person]:
    """Return the people with these names, all allowed to sit at this visit. Raises Invalid with every problem.

    besides: ids of more people who may not. leaving: ids of people whose seats are being taken away.
    """
    found = {person.username: person for person in walk.organisation.by_usernames(users)}
    never = (barred(walk.ticket, walk.content) if visit.type == "approval" else set()) | besides
    staying = [task for task in walk.tasks_of(visit) if task.assignee_id not in leaving or task.decided_by]
    taken = taking_part(visit, staying)
    errors: list[Problem] = []
    for index, name in enumerate(users):
        if users.index(name) != index:
            errors.append(_refused(index, "repeated_item", _("This person is named twice.")))
        elif name not in found:
            errors.append(_refused(index, "unknown_user", _("There is no active user of this name.")))
        elif found[name].id in never:
            errors.append(_refused(index, "not_allowed", _("This person may not decide about this ticket.")))
        elif name in taken:
            errors.append(_refused(index, "second_seat", _("This person already takes part in this step.")))
    if len(taken) + len(users) > MOST_SEATS:
        text = _("A step has %(limit)s people at most.") % {"limit": MOST_SEATS}
        errors.append(finding("users", "too_many_seats", text))
    if errors:
        raise Invalid(errors)
    return [found[name] for name in users]


def _refused(index: int, code: str, message: str) -> Problem:
    return finding(f"users[{index}]", code, message)
