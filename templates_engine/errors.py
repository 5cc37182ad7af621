"""The errors of templates."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class TemplateRefused(DomainError):
    """The document has errors; each has its path in the document."""

    code, status = "template_refused", 422
    text = _("This template has errors and cannot be used yet. Every error names its place in the document.")


class NoSuchTemplate(DomainError):
    """There is no such template, or the user may not use it."""

    code, status = "not_found", 404
    text = _("There is no such template, or you may not use it.")


class NoSuchApplicant(DomainError):
    """There is no active user to simulate for."""

    code, status = "unknown_user", 422
    text = _("There is no active user of this name.")


class NotPublisher(DomainError):
    """The user may not publish; publishing needs its own permission (B8)."""

    code, status = "not_allowed", 403
    text = _("Importing and publishing templates needs the permission templates.publish.")


class BrokenSeal(DomainError):
    """A stored version differs from what was imported: the database was changed directly (A32).

    extra: key, number.
    """

    code, status = "broken_seal", 409
    text = _(
        "This version of the template was changed in the database, so it is not used. "
        "Tell an administrator: audit verify names it."
    )


class NoDraft(DomainError):
    """Nobody has saved a draft of this template."""

    code, status = "no_draft", 404
    text = _("There is no draft of this template.")


class ChangedMeanwhile(DomainError):
    """The draft is not the one that the caller started from. extra: revision, changed_by, changed_at of the stored one.

    RFC 9110, section 13.1.1: a request whose If-Match names another revision changes nothing.
    """

    code, status = "changed_meanwhile", 412
    text = _(
        "Somebody else has changed this draft. Nothing of yours was saved and nothing of theirs was lost: "
        "compare the two, then save again."
    )


class NothingPublished(DomainError):
    """No version of this template is published, so there is nothing to retire."""

    code, status = "nothing_published", 409
    text = _("No version of this template is published.")


class NothingScheduled(DomainError):
    """No publication of this template waits for its time."""

    code, status = "nothing_scheduled", 409
    text = _("No publication of this template is scheduled.")
