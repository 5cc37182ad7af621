"""Table of credentials for hosts and systems: encrypted for the executor, or a reference to a vault."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """The kinds of credentials; automation.credentials.kinds defines their fields."""

    SSH_KEY = "ssh_key", _("SSH key")
    PASSWORD = "password", _("Password")
    VAULT_PASSWORD = "vault_password", _("Ansible Vault password")
    SALT_API = "salt_api", _("Salt API log-in")
    TOKEN = "token", _("Token")


class Credential(models.Model):
    """凭据. Its secret fields are in `box`, which only the executor can decrypt, or in a Vault (`vault`).

    box: see common.sealed_box, "" for a reference. vault: {mount, path, fields: {our field: its key there}}, null for a
    box. shown: the public parts (a username, a key's fingerprint). The row is never trusted alone: it is checked
    against the audit trail of administration (automation.credentials.trust).
    """

    name = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    description = models.CharField(max_length=500, blank=True)
    box = models.TextField(blank=True)
    vault = models.JSONField(null=True, blank=True)
    shown = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="credential_kind_known"),
            models.CheckConstraint(
                condition=Q(box="", vault__isnull=False) | (~Q(box="") & Q(vault__isnull=True)),
                name="credential_one_source",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def about(self) -> str:
        """Its name in the audit trail of administration."""
        return f"credential:{self.name}"
