"""Table of users."""

import re
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Upper

WECOM_USERID = re.compile(r"^[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}\Z")  # ASCII only, so ignoring case is unambiguous

if TYPE_CHECKING:
    from accounts.models.proxy import Proxy


class UserManager(BaseUserManager["User"]):
    """Finds users by username or WeCom userid."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with this username. Raises User.DoesNotExist."""
        return self.get(username=username)

    def of_wecom(self, userid: str) -> "models.QuerySet[User]":
        """The user with this WeCom userid, ignoring case: for WeCom `Bob` is `bob`. Empty for an invalid userid."""
        return self.filter(wecom_userid__iexact=userid) if WECOM_USERID.fullmatch(userid) else self.none()

    def create_superuser(self, username: str, name: str, password: str | None = None) -> "User":
        """Create an administrator, for `manage.py createsuperuser` on a new installation."""
        user = self.model(username=username, name=name, is_admin=True)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """One person. `wecom_userid` links to WeCom, spelled as there; see UserManager.of_wecom (A24).

    has_left_wecom: disabled by `wecom sync`, which may enable them again; it ignores people disabled by a person.
    granted, held: what each of their roles grants, and the proxies they hold; set on the caller of a request that was
    authenticated by a session (accounts.access.sessions), else None.
    """

    granted: list[list[str]] | None = None
    held: "list[Proxy] | None" = None

    username = models.CharField(
        max_length=64, unique=True, validators=[RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9_.@-]*$")]
    )
    name = models.CharField(max_length=128)
    email = models.EmailField(blank=True)
    department = models.ForeignKey("accounts.Department", models.PROTECT, null=True, blank=True, related_name="members")
    manager = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reports")
    wecom_userid = models.CharField(max_length=64, null=True, blank=True, validators=[RegexValidator(WECOM_USERID)])
    language = models.CharField(max_length=16, choices=settings.LANGUAGES, default="zh-hans")
    is_active = models.BooleanField(default=True)
    has_left_wecom = models.BooleanField(default=False)
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
            ),
            models.UniqueConstraint(Upper("wecom_userid"), name="wecom_userid_any_case"),
        ]

    def __str__(self) -> str:
        return self.username

    def is_of_wecom(self, userid: str) -> bool:
        """Whether this is the person's WeCom userid, ignoring case."""
        return self.wecom_userid is not None and self.wecom_userid.lower() == userid.lower() and userid.isascii()
