"""Who still logs in with the password of the demonstration."""

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q

from config.demo import PASSWORD, usernames

MOST_ASKED = 50  # a password takes a twentieth of a second to try
WHAT_TO_DO = (
    "have the demonstration's password, which everybody knows; ./manage.py changepassword NAME, or org disable NAME"
)


def require_changed_passwords() -> None:
    """Ends the start of the web where others could log in with the demonstration's password. Raises SystemExit."""
    try:
        known = demo_log_ins() if settings.IS_PUBLIC else []
    except DatabaseError:  # nobody logs in without it either, and /readyz says so
        return
    if known:
        raise SystemExit(f"Accounts {', '.join(known)}: {WHAT_TO_DO} (see docs/operation.md)")


def demo_log_ins() -> list[str]:
    """The people of the demonstration, and administrators, who log in with the password that everybody knows."""
    from accounts.models import User

    people = User.objects.filter(is_active=True).filter(Q(username__in=usernames()) | Q(is_admin=True))
    return [user.username for user in people.order_by("username")[:MOST_ASKED] if user.check_password(PASSWORD)]
