"""Whom BATON_REPORT_TO names: usernames, or roles and so all who hold them."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q

from accounts.models import Role, User
from reports.models import Sending

Channel = Sending.Channel


def recipients() -> list[User]:
    """The active people who are named, by username. Naming them is an administrator's act: no other right is asked."""
    named = Q(username__in=settings.REPORT_TO) | Q(roles__key__in=settings.REPORT_TO)
    return list(User.objects.filter(named, is_active=True).distinct().order_by("username"))


def unknown_names() -> list[str]:
    """The names that are neither an active person's nor a role's."""
    people = User.objects.filter(username__in=settings.REPORT_TO, is_active=True).values_list("username", flat=True)
    known = {*people, *Role.objects.filter(key__in=settings.REPORT_TO).values_list("key", flat=True)}
    return [name for name in dict.fromkeys(settings.REPORT_TO) if name not in known]


def channels_of(person: User) -> Iterable[str]:
    """How this person is reached; by mail where nothing is known, so that what is missing gets said."""
    if person.wecom_userid and settings.WECOM_ENABLED:
        yield Channel.WECOM
        if not person.email:
            return
    yield Channel.MAIL
