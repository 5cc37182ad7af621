"""The errors of templates."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class TemplateRefused(DomainError):
    """The document has errors; each has its path in the document."""

    code, status = "template_refused", 422
    text = _("This template cannot be used yet. Every error names its place in the document.")


class NoSuchTemplate(DomainError):
    """There is no such template, or the user may not use it."""

    code, status = "not_found", 404
    text = _("There is no such template, or it is not offered to you.")


class NoSuchApplicant(DomainError):
    """There is no active user to simulate for."""

    code, status = "unknown_user", 422
    text = _("There is no active user of this name.")


class NotPublisher(DomainError):
    """The user may not publish; publishing needs its own permission (B8)."""

    code, status = "not_allowed", 403
    text = _("Importing and publishing templates needs the right templates.publish.")


class BrokenSeal(DomainError):
    """A stored version differs from what was imported: the database was changed directly (A32).

    extra: key, number.
    """

    code, status = "broken_seal", 409
    text = _(
        "This version of the template was changed in the database, so nothing is done with it. "
        "Tell an administrator: audit verify names it."
    )
