"""Permissions beyond one's own tickets. Roles grant them; administrators have all; unknown ones are ignored (I26)."""

from collections.abc import Iterable

from accounts.models import Role, User

OPERATE = "automation.operate"  # rerun, cancel, resolve jobs; edit the inventory; read the record of runs and shells
CREDENTIALS = "automation.credentials"  # store, change and remove secrets of hosts; nobody can read them
ACTIONS = "automation.actions"  # release and withdraw versions of actions, view their repository
PUBLISH = "templates.publish"  # import and publish templates
REPORTS = "reports.view"  # the monthly report, over all tickets
ALL = (OPERATE, ACTIONS, CREDENTIALS, PUBLISH, REPORTS)


def permissions_of(user: User, granted: Iterable[Iterable[str]] | None = None) -> list[str]:
    """The permissions of this person, sorted. granted: what each of their roles grants; if unknown, what was
    read with their session, else it is asked for.
    """
    if user.is_admin:
        return sorted(ALL)
    if granted is None:
        granted = user.granted
    if granted is None:
        granted = Role.objects.filter(members=user).values_list("permissions", flat=True)
    return sorted({right for rights in granted for right in rights} & set(ALL))


def has_permission(user: User, right: str) -> bool:
    """Whether this person has this permission."""
    return right in permissions_of(user)


def may_read_records(user: User) -> bool:
    """Whether this person may read what ran where and what was typed in shells: operators and administrators."""
    return has_permission(user, OPERATE)
