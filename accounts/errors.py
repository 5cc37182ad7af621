"""What can go wrong with people, by name."""

from django.utils.translation import gettext_lazy as _

from config.errors import DomainError, TooMany


class BadCredentials(DomainError):
    """Wrong name or password; never says which (A46)."""

    code, status = "bad_credentials", 401
    text = _("Username or password is wrong.")


class LockedOut(TooMany):
    """Too many wrong passwords: see accounts.guessing."""

    code = "locked_out"
    text = _("Too many wrong passwords. Try again in %(wait)s, or log in with WeCom.")


class ForeignOrigin(DomainError):
    """A log-in that another site sent (A8)."""

    code, status = "foreign_origin", 403
    text = _("This log-in did not come from our own page.")


class NoSuchThing(DomainError):
    """Not there, or not yours."""

    code, status = "not_found", 404
    text = _("There is nothing here, or it is not yours to see.")


class Refused(DomainError):
    """Seen, but not this person's to do."""

    code, status = "not_allowed", 403
    text = _("You may see this but not do that.")


class ProxyEnded(DomainError):
    """Its window is over, or somebody ended it."""

    code, status = "proxy_ended", 409
    text = _("This proxy has ended. Grant a new one.")


class TooManyTokens(DomainError):
    """One person has as many as one may have."""

    code, status = "too_many_tokens", 409
    text = _("You have as many tokens as one person may have. Delete those you do not use any more.")
