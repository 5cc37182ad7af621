"""The people that a rule tells."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from automation.hosts.named import name_faults
from common.errors import Problem, finding

MOST_TOLD = 50
KINDS = ("role", "user")


def recipients(tell: list[dict[str, str]]) -> QuerySet[User]:
    """The active users that these entries name."""
    users = [entry["user"] for entry in tell if "user" in entry]
    roles = [entry["role"] for entry in tell if "role" in entry]
    people = User.objects.filter(Q(username__in=users) | Q(roles__key__in=roles), is_active=True)
    return people.distinct().order_by("pk")


def faults(tell: Any) -> list[Problem]:
    """Entries that are invalid or name nobody."""
    if not isinstance(tell, list) or len(tell) > MOST_TOLD:
        return [finding("tell", "bad_people", _("Name at most %(limit)s people and roles.") % {"limit": MOST_TOLD})]
    return name_faults(tell, "tell", "bad_people", _("Each entry is one of role and user with its key."), kinds=KINDS)
