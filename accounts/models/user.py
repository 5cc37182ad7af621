"""People."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models


class UserManager(BaseUserManager["User"]):
    """Finds people by the name they log in with."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user of this username. Raises User.DoesNotExist."""
        return self.get(username=username)

    def create_superuser(self, username: str, name: str, password: str | None = None) -> "User":
        """An administrator, for `manage.py createsuperuser` on a fresh installation."""
        user = self.model(username=username, name=name, is_admin=True)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """One person. `wecom_userid` ties them to WeCom; it is matched exactly and only for active people (A24)."""

    username = models.CharField(
        max_length=64, unique=True, validators=[RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9_.@-]*$")]
    )
    name = models.CharField(max_length=128)
    email = models.EmailField(blank=True)
    department = models.ForeignKey("accounts.Department", models.PROTECT, null=True, blank=True, related_name="members")
    manager = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reports")
    wecom_userid = models.CharField(max_length=64, unique=True, null=True, blank=True)
    language = models.CharField(max_length=16, choices=settings.LANGUAGES, default="zh-hans")
    is_active = models.BooleanField(default=True)
    is_admin = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(manager__isnull=True) | ~models.Q(manager=models.F("id")),
                name="user_not_own_manager",
            )
        ]

    def __str__(self) -> str:
        return self.username
