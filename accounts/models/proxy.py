"""Table of proxies: a person decides for another one in a window."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from accounts.models.admin_event import AdminEvent

# ProxyQuerySet.active as SQL, over `proxy`; %(at)s: the moment.
ACTIVE = """(
    proxy.revoked_at IS NULL AND proxy.starts_at <= %(at)s AND proxy.ends_at > %(at)s
    AND NOT EXISTS (
        SELECT 1 FROM accounts_adminevent act WHERE act.about = 'proxy:' || proxy.id AND act.actor_id = proxy.agent_id
    )
    AND (SELECT is_active FROM accounts_user WHERE id = proxy.agent_id)
    AND (SELECT is_active FROM accounts_user WHERE id = proxy.principal_id)
)"""
ACTIVE_NOW = ACTIVE.replace("%(at)s", "now()")


def made_by_agent() -> Exists:
    """Query condition: whether a proxy's agent has made or changed it."""
    about = Concat(Value("proxy:"), Cast(OuterRef("pk"), CharField()))
    return Exists(AdminEvent.objects.filter(about=about, actor=OuterRef("agent")))


class ProxyQuerySet(models.QuerySet["Proxy"]):
    """Queries over proxies."""

    def active(self, at: datetime) -> "ProxyQuerySet":
        """Proxies whose window covers `at`, with both people active, and not made by their agent (I11)."""
        return self.by_others().filter(
            revoked_at__isnull=True,
            starts_at__lte=at,
            ends_at__gt=at,
            principal__is_active=True,
            agent__is_active=True,
        )

    def by_others(self) -> "ProxyQuerySet":
        """Proxies that their agent has neither made nor changed, not even as administrator: see trail.proxies."""
        return self.exclude(made_by_agent())

    def covering(self, template_key: str) -> "ProxyQuerySet":
        """Proxies whose scope contains this template; no list of templates means all."""
        return self.filter(Q(templates__isnull=True) | Q(templates__contains=[template_key]))


class Proxy(models.Model):
    """`agent` decides for `principal` in [starts_at, ends_at), for `templates` (null: all). One hop only.

    Proxies are ended, never deleted. All changes are in the administration trail (accounts.trail.acts), which decides
    whether a proxy is valid: a row alone gives no rights.
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
        """The name of this proxy in the trail."""
        return f"proxy:{self.pk}"

    def covers(self, template_key: str) -> bool:
        """Whether its scope contains this template; `covering` is the same for queries."""
        return self.templates is None or template_key in self.templates
