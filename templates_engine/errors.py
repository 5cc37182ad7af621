"""What can go wrong with templates, by name."""

from django.utils.translation import gettext_lazy as _

from config.errors import DomainError


class TemplateRefused(DomainError):
    """The document has errors; each names its path."""

    code, status = "template_refused", 422
    text = _("This template cannot be used yet. Every error names its place in the document.")


class NoSuchTemplate(DomainError):
    """There is no such template, or this person may not use it."""

    code, status = "not_found", 404
    text = _("There is no such template, or it is not offered to you.")


class NoSuchApplicant(DomainError):
    """Nobody to simulate for."""

    code, status = "unknown_user", 422
    text = _("There is no active user of this name.")


class NotPublisher(DomainError):
    """Publishing is a right of its own (B8)."""

    code, status = "not_allowed", 403
    text = _("Importing and publishing templates needs the right templates.publish.")


class BrokenSeal(DomainError):
    """A stored version is not what was imported: somebody has written to the database behind our back (A32).

    extra: key, number.
    """

    code, status = "broken_seal", 409
    text = _(
        "This version of the template was changed in the database, so nothing is done with it. "
        "Tell an administrator: audit verify names it."
    )
