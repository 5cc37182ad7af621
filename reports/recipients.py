"""The recipients in BATON_REPORT_TO: usernames, or roles, which stand for everybody who has them."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q

from accounts.models import Role, User
from reports.models import Sending

Channel = Sending.Channel


def recipients() -> list[User]:
    """The active recipients, by username. An administrator set them, so no other permission is checked."""
    named = Q(username__in=settings.REPORT_TO) | Q(roles__key__in=settings.REPORT_TO)
    return list(User.objects.filter(named, is_active=True).distinct().order_by("username"))


def unknown_names() -> list[str]:
    """The names that are neither an active user nor a role."""
    people = User.objects.filter(username__in=settings.REPORT_TO, is_active=True).values_list("username", flat=True)
    known = {*people, *Role.objects.filter(key__in=settings.REPORT_TO).values_list("key", flat=True)}
    return [name for name in dict.fromkeys(settings.REPORT_TO) if name not in known]


def channels_of(person: User) -> Iterable[str]:
    """The channels for this person: WeCom if possible, and mail if there is an address or WeCom is not possible.

    If neither is possible it is mail, and its error says what is missing.
    """
    if person.wecom_userid and settings.WECOM_ENABLED:
        yield Channel.WECOM
        if not person.email:
            return
    yield Channel.MAIL
