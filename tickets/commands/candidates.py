"""Who can be given a seat: nobody sits twice, and never who may not sign (I3, I4)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.people import Person
from templates_engine.approvers import MOST_SEATS
from tickets.errors import Invalid
from tickets.models import NodeVisit
from tickets.nodes.seating import barred
from tickets.rights import taking_part
from tickets.walk import Walk


def free_people(
    walk: Walk,
    visit: NodeVisit,
    users: Sequence[str],
    besides: set[int] | frozenset[int] = frozenset(),
    leaving: set[int] | frozenset[int] = frozenset(),
) -> list[Person]:
    """The people of these names, who may sit at this visit. Raises Invalid with what is wrong with each of them.

    besides: who may not, besides those that never may. leaving: whose seats are being taken away.
    """
    found = {person.username: person for person in walk.organisation.by_usernames(users)}
    never = (barred(walk) if visit.type == "approval" else set()) | besides
    staying = [task for task in walk.tasks_of(visit) if task.assignee_id not in leaving or task.decided_by]
    taken = taking_part(visit, staying)
    errors = []
    for index, name in enumerate(users):
        if users.index(name) != index:
            errors.append(_refused(index, "repeated_item", _("This person is named twice.")))
        elif name not in found:
            errors.append(_refused(index, "unknown_user", _("There is no active user of this name.")))
        elif found[name].id in never:
            errors.append(_refused(index, "not_allowed", _("This person may not decide about this ticket.")))
        elif name in taken:
            errors.append(_refused(index, "second_seat", _("This person sits at this step already.")))
    if len(taken) + len(users) > MOST_SEATS:
        text = _("A step seats %(limit)s people at most.") % {"limit": MOST_SEATS}
        errors.append({"path": "users", "code": "too_many_seats", "message": text})
    if errors:
        raise Invalid(errors)
    return [found[name] for name in users]


def _refused(index: int, code: str, message: str) -> dict[str, str]:
    return {"path": f"users[{index}]", "code": code, "message": message}
