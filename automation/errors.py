"""What can go wrong, by name."""

from django.utils.translation import gettext_lazy as _

from config.errors import DomainError


class CommentNeeded(DomainError):
    """An act that must say why."""

    code, status = "comment_required", 422
    text = _("Say why, in a comment.")


class JobExpired(DomainError):
    """The approval ran out (A33)."""

    code, status = "job_expired", 409
    text = _("The approval is no longer valid. Hand in a new ticket.")


class NothingToRerun(DomainError):
    """No host is left that failed."""

    code, status = "nothing_to_rerun", 409
    text = _("No host failed. Rerun all of them, or resolve the job.")


class HostExists(DomainError):
    """The name is taken."""

    code, status = "host_exists", 409
    text = _("A host of this name exists already. Import it to change it.")
