"""Manual jobs: which jobs are manual, and who may record their results."""

from accounts.models import RoleMember, User
from accounts.permissions import OPERATE, has_permission
from automation.actions.library import library
from automation.actions.wording import filled
from automation.executors.manual import ManualExecutor
from automation.models import Job
from automation.states import JobState
from templates_engine.parts import Rule
from tickets.models.content import Plan
from tickets.rules.rights import is_own

MANUAL = ManualExecutor.name


def is_by_hand(job: Job) -> bool:
    """Whether people work on this manual job now: it runs, and no worker holds it."""
    plan = job.content.plans[job.node]
    return job.state == JobState.RUNNING and job.heartbeat_at is None and plan["executor"] == MANUAL


def may_tick(user: User, job: Job) -> bool:
    """Operators and the users that the action names, but never for a ticket that they requested or changed."""
    return does_it(user, job) and not is_own(job.ticket, job.content, user.pk)


def does_it(user: User, job: Job) -> bool:
    """Operators and the users that the action names."""
    return has_permission(user, OPERATE) or _names(user, rules_of(job.content.plans[job.node]))


def rules_of(plan: Plan) -> list[Rule]:
    """The users and roles that the approved version of an action names, in addition to the operators."""
    action = library().action(plan["action"], plan["version"])
    return list(action.run.get("by", [])) if action and action.executor == MANUAL else []


def instructions(plan: Plan) -> dict[str, str] | None:
    """What people have to do, in both languages, with the approved parameters; None if it is not a manual action."""
    action = library().action(plan["action"], plan["version"])
    if action is None or action.executor != MANUAL:
        return None
    return filled(action.run["instructions"], plan["params"], one_line=False)


def _names(user: User, rules: list[Rule]) -> bool:
    if not rules:
        return False
    roles = {rule["role"] for rule in rules if "role" in rule}
    is_named = any(rule.get("user") == user.username for rule in rules)
    return is_named or RoleMember.objects.filter(user=user, role__key__in=roles).exists()
