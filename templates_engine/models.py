"""Tables of templates and their frozen versions."""

from django.conf import settings
from django.db import models

from common.keys import SIGNATURE_MAX


class Template(models.Model):
    """A kind of ticket. current: the published version, used for new tickets; null if none is published."""

    key = models.CharField(max_length=64, unique=True)
    current = models.OneToOneField(
        "templates_engine.TemplateVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )

    def __str__(self) -> str:
        return self.key


class TemplateVersion(models.Model):
    """One imported document and its compiled program; once stored, only its state changes (I09).

    source: the YAML as imported, byte for byte. document: the parsed YAML with its short forms written out
    (templates_engine.reading.normal).
    program: what running tickets follow (templates_engine.program.program).
    seal: a signature over all of these; the database does not hold its key (templates_engine.store.seals).
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
