"""Who may take this ticket back?"""

from accounts.models import User
from tickets.models import Ticket


def can_withdraw(ticket: Ticket, user: User) -> bool:
    """The applicant; in the place of one who has left, an administrator, so that nothing stays for ever (I10)."""
    return ticket.applicant_id == user.pk or (user.is_admin and not ticket.applicant.is_active)
