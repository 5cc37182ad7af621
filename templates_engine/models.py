"""Templates and their frozen versions."""

from django.conf import settings
from django.db import models

from config.keys import SIGNATURE_MAX


class Template(models.Model):
    """A kind of ticket. `current` is the published version that new tickets take; null while nothing is."""

    key = models.CharField(max_length=64, unique=True)
    current = models.OneToOneField(
        "templates_engine.TemplateVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )

    def __str__(self) -> str:
        return self.key


class TemplateVersion(models.Model):
    """One imported document with its compiled program; never changed once stored, except for its state (I9).

    source: the YAML as imported, byte for byte. document: the same, parsed, with its shorthands written out
    (templates_engine.normal).
    program: what running tickets walk (templates_engine.program).
    seal: a signature over all of these, which the database cannot make (templates_engine.seals).
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        RETIRED = "retired"

    template = models.ForeignKey(Template, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    source = models.TextField()
    document = models.JSONField()
    program = models.JSONField()
    seal = models.CharField(max_length=SIGNATURE_MAX)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="template_version_unique"),
            models.UniqueConstraint(
                fields=["template"],
                condition=models.Q(state="published"),
                name="template_one_published_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} v{self.number}"
