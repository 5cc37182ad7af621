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


class TemplateDraft(models.Model):
    """The unfinished text of a template, one per key, shared by all who may publish; it may be broken YAML.

    revision: grows with every change; who saves names the one that they started from (HTTP If-Match).
    base: the number of the version that the draft was started from; null for a new template.
    """

    key = models.CharField(max_length=64, unique=True)
    source = models.TextField()
    revision = models.PositiveIntegerField()
    base = models.PositiveIntegerField(null=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key} draft {self.revision}"


class Publication(models.Model):
    """One publication of a version: done at once, or waiting for its time. Rows are kept as the history.

    errors: why a waiting one was refused at its time, findings as {path, code, message}.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        REFUSED = "refused"
        CANCELLED = "cancelled"

    template = models.ForeignKey(Template, models.PROTECT, related_name="publications")
    version = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="publications")
    state = models.CharField(max_length=16, choices=State.choices)
    note = models.CharField(max_length=500, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    errors = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["template"], condition=models.Q(state="waiting"), name="template_one_waiting_publication"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.state}"
