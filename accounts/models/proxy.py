"""Acting for somebody else, inside a window."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from accounts.models.admin_event import AdminEvent


def made_by_agent() -> Exists:
    """Whether a proxy's agent made or changed it: a condition for queries over proxies."""
    about = Concat(Value("proxy:"), Cast(OuterRef("pk"), CharField()))
    return Exists(AdminEvent.objects.filter(about=about, actor=OuterRef("agent")))


class ProxyQuerySet(models.QuerySet["Proxy"]):
    """Which proxies hold when."""

    def active(self, at: datetime) -> "ProxyQuerySet":
        """Those whose window covers `at`, whose people are both active, and which their agent has not made (I11)."""
        return self.by_others().filter(
            revoked_at__isnull=True,
            starts_at__lte=at,
            ends_at__gt=at,
            principal__is_active=True,
            agent__is_active=True,
        )

    def by_others(self) -> "ProxyQuerySet":
        """Those that their agent has neither made nor changed, not even as an administrator: see accounts.proxies."""
        return self.exclude(made_by_agent())

    def covering(self, template_key: str) -> "ProxyQuerySet":
        """Those whose scope holds this template; no list of templates means all of them."""
        return self.filter(Q(templates__isnull=True) | Q(templates__contains=[template_key]))


class Proxy(models.Model):
    """`agent` decides for `principal` in [starts_at, ends_at), for `templates` (null: all). One hop only.

    Proxies are ended, never erased. What was done to them stands in the trail (accounts.trail), by which they are
    judged: a row alone lets nobody act.
    """

    principal = models.ForeignKey("accounts.User", models.PROTECT, related_name="proxies_given")
    agent = models.ForeignKey("accounts.User", models.PROTECT, related_name="proxies_held")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    templates = ArrayField(models.CharField(max_length=64), null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = models.Manager.from_queryset(ProxyQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(principal=models.F("agent")), name="proxy_between_two_people"),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="proxy_window_is_forward"),
        ]
        indexes = [models.Index(fields=["agent", "ends_at"], name="proxy_agent", condition=Q(revoked_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.agent_id} for {self.principal_id}"

    @property
    def about(self) -> str:
        """How the trail names it."""
        return f"proxy:{self.pk}"

    def covers(self, template_key: str) -> bool:
        """Whether its scope holds this template; `covering` asks the same of the database."""
        return self.templates is None or template_key in self.templates
