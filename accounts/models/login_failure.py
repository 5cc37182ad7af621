"""Wrong passwords."""

from django.db import models


class LoginFailure(models.Model):
    """How often a password for this account was wrong, from this place; see accounts.guessing.

    account: as typed, whether there is one or not. place: an address, or `device:` and the id of a device that its
    person logged in from before. failures may be 0: somebody was told to come back later.
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
