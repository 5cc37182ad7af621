"""Tables of the organisation: a tree of departments with heads, and roles with members."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models

key_validator = RegexValidator(r"^[a-z0-9][a-z0-9-]*$", "Lower-case letters, digits and hyphens.")


class Department(models.Model):
    """One department in the company's tree."""

    key = models.CharField(max_length=64, unique=True, validators=[key_validator])
    name = models.CharField(max_length=128)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    head = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="heads")
    wecom_id = models.PositiveIntegerField(null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="department_not_own_parent",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """A function that people hold, such as `dba`. `name` is a localized text: a string or {zh, en}.

    `permissions`: rights beyond one's own tickets, see accounts.permissions.
    """

    key = models.CharField(max_length=64, unique=True, validators=[key_validator])
    name = models.JSONField(default=str)
    permissions = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    members = models.ManyToManyField("accounts.User", through="accounts.RoleMember", related_name="roles")

    def __str__(self) -> str:
        return self.key


class RoleMember(models.Model):
    """One person holds one role."""

    role = models.ForeignKey(Role, models.CASCADE)
    user = models.ForeignKey("accounts.User", models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "user"], name="role_held_once")]

    def __str__(self) -> str:
        return f"{self.user_id} holds {self.role_id}"
