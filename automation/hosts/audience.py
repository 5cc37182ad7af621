"""Who may target which hosts. Used when a plan is made and when hosts are chosen (I26)."""

from collections.abc import Collection

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Func, IntegerField, OuterRef, QuerySet

from accounts.models import User
from accounts.organisation.people import PersonFacts, Profile, departments_above, profile_facts
from automation.models import Host, HostGroup
from automation.models.group import EVERYONE
from templates_engine.store.queries import belongs


def limiting() -> QuerySet[HostGroup]:
    """The groups that limit who may target their hosts."""
    return HostGroup.objects.exclude(usable_by__contains=[EVERYONE])


def with_limits(hosts: QuerySet[Host]) -> QuerySet[Host]:
    """The hosts with `limits`: the names of their groups that limit who may target them."""
    place = Func(OuterRef("groups"), F("name"), function="array_position", output_field=IntegerField())
    own = limiting().alias(place=place).filter(place__isnull=False).order_by("name")
    return hosts.annotate(limits=ArraySubquery(own.values("name")))


def closed_groups(facts: PersonFacts | None, among: Collection[str] | None = None) -> set[str]:
    """The limiting groups whose hosts this person may not target; `among` these groups, None for all.

    facts: as of people.facts or profile_facts; None for an unknown person, who may target none of them.
    """
    groups = limiting() if among is None else limiting().filter(name__in=among)
    found = list(groups.values_list("name", "usable_by"))
    if facts is None:
        return {name for name, _audience in found}
    if not found:
        return set()
    known = facts.get("departments")
    departments = known if isinstance(known, list) else departments_above(facts["department"])
    profile: Profile = {**facts, "departments": departments}
    return {name for name, audience in found if not belongs(audience, profile)}


def closed_to(user: User) -> set[str]:
    """The groups whose hosts this person's tickets may not target."""
    return closed_groups(profile_facts(user)) if limiting().exists() else set()
