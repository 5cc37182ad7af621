"""Commands for host groups: add, change and remove them, and change their members."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Func, Value
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.trail.acts import Kind, Origin, record
from automation.commands.hosts import change_host, require_operator
from automation.errors import GroupExists, GroupInUse, GroupWatched, NoSuchGroup
from automation.hosts.named import name_faults
from automation.inventory.names import is_group
from automation.models import Host, HostGroup, ShellWord
from automation.models.group import EVERYONE
from common.errors import Problem, finding
from tickets.errors import Invalid

AUDIENCE_MAX = 50


@transaction.atomic
def add_group(*, actor: User, name: str, at: datetime, origin: Origin, **given: Any) -> HostGroup:
    """Add a group. given: description, usable_by. Raises NotAllowed, Invalid, GroupExists."""
    require_operator(actor)
    _require_sound(name, given.get("usable_by"))
    if HostGroup.objects.filter(name=name).exists():
        raise GroupExists
    group = HostGroup.objects.create(name=name, **given)
    _record(Kind.HOST_GROUP_ADDED, group, actor, at, origin)
    return group


@transaction.atomic
def change_group(*, actor: User, name: str, changes: dict[str, Any], at: datetime, origin: Origin) -> HostGroup:
    """Change description, audience or name; a new name is changed on its hosts too.

    Raises NotAllowed, NoSuchGroup, Invalid, GroupExists.
    """
    require_operator(actor)
    group = _locked(name)
    _require_sound(changes.get("name", name), changes.get("usable_by"))
    before = {key: getattr(group, key) for key, value in changes.items() if getattr(group, key) != value}
    if not before:
        return group
    if "name" in before:
        if HostGroup.objects.filter(name=changes["name"]).exists():
            raise GroupExists
        renamed = Func("groups", Value(name), Value(changes["name"]), function="array_replace")
        Host.objects.filter(groups__contains=[name]).update(groups=renamed)
    for key, value in changes.items():
        setattr(group, key, value)
    group.save()
    _record(Kind.HOST_GROUP_CHANGED, group, actor, at, origin, before=before)
    return group


@transaction.atomic
def remove_group(*, actor: User, name: str, at: datetime, origin: Origin) -> None:
    """Remove a group without hosts and rules. Raises NotAllowed, NoSuchGroup, GroupInUse, GroupWatched."""
    require_operator(actor)
    group = _locked(name)
    members = Host.objects.filter(groups__contains=[name]).count()
    if members:
        raise GroupInUse(hosts=members)
    if ShellWord.objects.filter(group=group).exists():
        raise GroupWatched
    _record(Kind.HOST_GROUP_REMOVED, group, actor, at, origin)
    group.delete()


@transaction.atomic
def change_members(
    *, actor: User, name: str, add: Sequence[str], remove: Sequence[str], at: datetime, origin: Origin
) -> HostGroup:
    """Add hosts to a group and remove others from it. Raises NotAllowed, NoSuchGroup, NoSuchHost, Invalid."""
    require_operator(actor)
    group = _locked(name)
    known = dict(Host.objects.filter(name__in=[*add, *remove]).values_list("name", "groups"))
    for host in dict.fromkeys([*add, *remove]):
        has = [each for each in known.get(host, []) if each != name]
        wanted = sorted([*has, name]) if host in add else has
        change_host(actor=actor, name=host, changes={"groups": wanted}, at=at, origin=origin)
    return group


def _locked(name: str) -> HostGroup:
    group = HostGroup.objects.select_for_update().filter(name=name).first()
    if group is None:
        raise NoSuchGroup
    return group


def _require_sound(name: str, usable_by: Any) -> None:
    """Raise Invalid if the name or the audience is wrong."""
    wrong = []
    if not is_group(name):
        wrong.append(finding("name", "bad_group", _("A group is letters, digits, dashes and underscores.")))
    if usable_by is not None:
        wrong += _audience_faults(usable_by)
    if wrong:
        raise Invalid(wrong)


def _audience_faults(usable_by: list[Any]) -> list[Problem]:
    """Problems of this audience: entries that name nobody, and an audience that is empty or too long (I26)."""
    if not 1 <= len(usable_by) <= AUDIENCE_MAX:
        message = _("Name 1 to %(limit)s of those who may target its hosts, or everyone.") % {"limit": AUDIENCE_MAX}
        return [finding("usable_by", "bad_audience", message)]
    message = _("Each entry is everyone, or one of department, role and user with its key.")
    return name_faults(usable_by, "usable_by", "bad_audience", message, passed=(EVERYONE,))


def _record(kind: Kind, group: HostGroup, actor: User, at: datetime, origin: Origin, **more: Any) -> None:
    data = {"name": group.name, "description": group.description, "usable_by": group.usable_by, **more}
    record(kind, actor=actor, origin=origin, at=at, about=group.about, data=data)
