"""Which credentials exist, and which actions name them."""

from collections import defaultdict

from automation.actions.document import Action
from automation.actions.library import library
from automation.models import Credential


def used_by() -> dict[str, list[Action]]:
    """Name → the actions that name it, also for credentials that do not exist."""
    found: dict[str, list[Action]] = defaultdict(list)
    for action in library().all():
        for name in action.credentials:
            found[name].append(action)
    return found


def missing() -> dict[str, list[str]]:
    """Name → the keys of the actions that name it, for credentials that are not stored."""
    known = set(Credential.objects.values_list("name", flat=True))
    return {name: [action.key for action in users] for name, users in used_by().items() if name not in known}
