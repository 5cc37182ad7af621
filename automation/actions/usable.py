"""Who may use an action: `usable_by`, with the same rules as a template's `visible_to`."""

from collections.abc import Sequence
from typing import Any

from accounts.organisation.people import PersonFacts, departments_above
from templates_engine.store.queries import belongs


def may_use_action(rules: Sequence[Any], applicant: PersonFacts | None) -> bool:
    """Whether this applicant may use the action. applicant: as of people.facts, None if there is none.

    The departments above the applicant's own are queried only if a rule names another department.
    """
    if applicant is None:
        return "everyone" in rules
    own = applicant["department"]
    if belongs(rules, {**applicant, "departments": [own]}):
        return True
    wanted = [rule["department"] for rule in rules if isinstance(rule, dict) and "department" in rule]
    return bool(wanted) and belongs(rules, {**applicant, "departments": departments_above(own)})
