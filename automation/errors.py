"""The errors of automation."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, TooMany


class CommentNeeded(DomainError):
    """This command needs a comment with the reason."""

    code, status = "comment_required", 422
    text = _("Write the reason in a comment.")


class JobExpired(DomainError):
    """The approval ran out (A33)."""

    code, status = "job_expired", 409
    text = _("The approval is no longer valid. Submit a new ticket.")


class NothingToRerun(DomainError):
    """No failed host is left."""

    code, status = "nothing_to_rerun", 409
    text = _("No host failed. Rerun all of them, or resolve the job.")


class NotPausable(DomainError):
    """The job has only one batch, so it cannot pause between two."""

    code, status = "not_pausable", 409
    text = _("This run takes all its hosts at once, so it cannot pause. Cancel it instead.")


class NoRollback(DomainError):
    """The plan has no rollback."""

    code, status = "no_rollback", 409
    text = _("This plan was approved without a rollback. Submit a new ticket.")


class NothingToRollBack(DomainError):
    """No host is left that a run has touched and that is not rolled back."""

    code, status = "nothing_to_roll_back", 409
    text = _("No run has changed a host of this job, or everything is rolled back.")


class HostExists(DomainError):
    """The name is taken."""

    code, status = "host_exists", 409
    text = _("A host of this name exists already. Change that one.")


class NoSuchHost(DomainError):
    """No host with this name."""

    code, status = "not_found", 404
    text = _("There is no host of this name.")


class HostInUse(DomainError):
    """Open tickets or jobs still use the host; `tickets` and `jobs` list them."""

    code, status = "host_in_use", 409
    text = _("Open tickets or jobs use this host. Disable it, or use `force` to remove it anyway.")


class NoSuchGroup(DomainError):
    """No host group with this name."""

    code, status = "not_found", 404
    text = _("There is no group of this name.")


class GroupExists(DomainError):
    """The name is taken."""

    code, status = "group_exists", 409
    text = _("A group of this name exists already. Change that one.")


class GroupInUse(DomainError):
    """The group still has hosts, to which its limits apply. hosts: how many."""

    code, status = "group_in_use", 409
    text = _("This group has hosts. Remove them from it first: otherwise people whom it keeps out could target them.")


class GroupWatched(DomainError):
    """A rule for alarms uses this group."""

    code, status = "group_watched", 409
    text = _("A rule for alarms uses this group. Change or remove that rule first.")


class NoSuchWord(DomainError):
    """No rule with this id."""

    code, status = "not_found", 404
    text = _("There is no such rule.")


class SearchTooWide(DomainError):
    """The search would take the database too long."""

    code, status = "search_too_wide", 422
    text = _("This search takes too long. Name a host, a user or a session, or a shorter time.")


class CredentialExists(DomainError):
    """The name is taken."""

    code, status = "credential_exists", 409
    text = _("A credential of this name exists already. Change that one, or take another name.")


class CredentialInUse(DomainError):
    """Actions use the credential, and would be refused without it. actions: their keys."""

    code, status = "credential_in_use", 409
    text = _("Actions still name this credential. Take it out of them first.")


class CredentialsOff(DomainError):
    """There is no public key to encrypt the secret with (I26: it is never stored in clear)."""

    code, status = "credentials_off", 409
    text = _("Secrets cannot be stored: BATON_CREDENTIAL_KEY is not set. See docs/operation.md, Credentials.")


class NoDryRun(DomainError):
    """The action has no dry run."""

    code, status = "no_dry_run", 409
    text = _("This action has no dry run.")


class DryRunRunning(DomainError):
    """A dry run of this plan is already running or waiting."""

    code, status = "dry_run_running", 409
    text = _("A dry run of this is under way already. Wait for its result.")


class DryRunTooSoon(TooMany):
    """The last dry run of this plan was too recent."""

    code = "dry_run_too_soon"
    text = _("The last dry run of this was a moment ago. Try again in %(wait)s.")


class NoSuchSource(DomainError):
    """No inventory source with this id."""

    code, status = "not_found", 404
    text = _("There is no such inventory source.")


class SourceExists(DomainError):
    """The name is taken."""

    code, status = "source_exists", 409
    text = _("A source of this name exists already. Change that one.")


class RunUnderWay(DomainError):
    """A run of this source is waiting or running."""

    code, status = "run_under_way", 409
    text = _("This source is being read already. Wait for the result.")


class NoSuchAction(DomainError):
    """No action with this key."""

    code, status = "not_found", 404
    text = _("There is no such action.")


class NoSuchVersion(DomainError):
    """No version, or more than one, begins with these digits."""

    code, status = "not_found", 404
    text = _("There is no such version of this action. Give at least its first 12 digits.")


class NotReleaser(DomainError):
    """The permission automation.actions is missing."""

    code, status = "forbidden", 403
    text = _("You may not release actions.")


class ActionNotSound(DomainError):
    """The row was changed in the database by something other than Baton (A32)."""

    code, status = "action_not_sound", 409
    text = _("This version differs from what Baton stored: its row was changed in the database. Ask an administrator.")


class ActionRefused(DomainError):
    """The version uses other actions that do not fit it."""

    code, status = "action_refused", 422
    text = _("This version does not fit the other actions.")


class NoActionsSource(DomainError):
    """BATON_ACTIONS_SOURCE is not set."""

    code, status = "no_actions_source", 409
    text = _("No repository of actions is set. Set BATON_ACTIONS_SOURCE.")
