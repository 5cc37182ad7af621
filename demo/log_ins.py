"""Accounts that still have the demo password."""

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q

from demo import PASSWORD, usernames

MOST_ASKED = 50  # each password check takes about 0.05 s
WHAT_TO_DO = (
    "have the demonstration's password, which everybody knows; ./manage.py changepassword NAME, or org disable NAME"
)


def require_changed_passwords() -> None:
    """Raise SystemExit if the installation is public and accounts have the demo password."""
    try:
        known = demo_log_ins() if settings.IS_PUBLIC else []
    except DatabaseError:  # without the database nobody can log in, and /readyz reports it
        return
    if known:
        raise SystemExit(f"Accounts {', '.join(known)}: {WHAT_TO_DO} (see docs/operation.md)")


def demo_log_ins() -> list[str]:
    """Usernames of demo people and administrators whose password is the demo password."""
    from accounts.models import User

    people = User.objects.filter(is_active=True).filter(Q(username__in=usernames()) | Q(is_admin=True))
    return [user.username for user in people.order_by("username")[:MOST_ASKED] if user.check_password(PASSWORD)]
