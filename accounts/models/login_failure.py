"""Table of failed log-ins."""

from django.db import models


class LoginFailure(models.Model):
    """Number of wrong passwords for this account from this place; see accounts.access.guessing.

    account: as typed, whether it exists or not. place: an address, or `device:` and the id of a device from which the
    person has logged in before. failures may be 0: an attempt was only delayed.
    """

    account = models.CharField(max_length=64)
    place = models.CharField(max_length=64)
    failures = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "place"], name="login_failure_once")]
        indexes = [
            models.Index(fields=["place", "last_at"], name="login_failure_place"),
            models.Index(fields=["last_at"], name="login_failure_age"),
        ]

    def __str__(self) -> str:
        return f"{self.account} from {self.place}"
