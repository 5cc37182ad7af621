"""Domain errors of accounts, one class per code."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, TooMany


class BadCredentials(DomainError):
    """Wrong username or password; the response does not say which (A46)."""

    code, status = "bad_credentials", 401
    text = _("Username or password is wrong.")


class LockedOut(TooMany):
    """Too many wrong passwords; see accounts.access.guessing."""

    code = "locked_out"
    text = _("Too many wrong passwords. Try again in %(wait)s, or log in with WeCom.")


class ForeignOrigin(DomainError):
    """The log-in was sent by another site (A08)."""

    code, status = "foreign_origin", 403
    text = _("This log-in did not come from our own page.")


class NoSuchThing(DomainError):
    """It does not exist, or the caller may not see it."""

    code, status = "not_found", 404
    text = _("There is nothing here, or you may not see it.")


class Refused(DomainError):
    """This person may see it but not do this."""

    code, status = "not_allowed", 403
    text = _("You may see this, but you may not do that.")


class ProxyEnded(DomainError):
    """The proxy's window is over, or somebody ended it."""

    code, status = "proxy_ended", 409
    text = _("This proxy has ended. Grant a new one.")


class TooManyTokens(DomainError):
    """This person has reached the limit of tokens."""

    code, status = "too_many_tokens", 409
    text = _("You have reached the limit of tokens. Delete those that you no longer use.")
