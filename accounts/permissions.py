"""Rights beyond one's own tickets. Roles grant them; administrators hold them all; unknown means no (I26)."""

from collections.abc import Iterable

from accounts.models import Role, User

OPERATE = "automation.operate"  # rerun, cancel, resolve jobs; edit the inventory
PUBLISH = "templates.publish"  # import and publish templates
REPORTS = "reports.view"  # the monthly report, over all tickets
ALL = (OPERATE, PUBLISH, REPORTS)


def permissions_of(user: User, granted: Iterable[Iterable[str]] | None = None) -> list[str]:
    """The rights this person holds, sorted. granted: what each of his roles grants, where that is known."""
    if user.is_admin:
        return sorted(ALL)
    if granted is None:
        granted = Role.objects.filter(members=user).values_list("permissions", flat=True)
    return sorted({right for rights in granted for right in rights} & set(ALL))


def has_permission(user: User, right: str) -> bool:
    """Whether this person holds this right."""
    return right in permissions_of(user)
