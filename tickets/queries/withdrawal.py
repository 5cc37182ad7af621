"""Who may take this ticket back?"""

from accounts.models import User
from tickets.models import Ticket


def can_withdraw(ticket: Ticket, user: User) -> bool:
    """The applicant; in the place of one who has left, an administrator, so that nothing stays for ever (I10).

    A draft waits for nobody, and stays its owner's.
    """
    handed_in = ticket.submitted_at is not None
    return ticket.applicant_id == user.pk or (user.is_admin and handed_in and not ticket.applicant.is_active)
