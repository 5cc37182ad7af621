"""Shapes of the templates API."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.inputs import Flag, StrictSerializer
from common.schema import FindingOutput, StepOutput, TextField
from templates_engine.language.closed import PRIORITIES


@extend_schema_field(OpenApiTypes.STR)
class PriorityField(serializers.ChoiceField):
    """A ticket's priority; the schema lists its values at the tickets."""


class SimulateInput(StrictSerializer):
    """version: for a ticket submitted under it; default: the published version."""

    form = serializers.DictField()
    chosen = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=64), max_length=200), required=False
    )
    applicant = serializers.CharField(max_length=64, required=False)
    at = serializers.DateTimeField(required=False)
    version = serializers.IntegerField(required=False, min_value=1)
    priority = PriorityField(PRIORITIES, required=False, default="normal")
    title = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class ImportQuery(StrictSerializer):
    publish = serializers.BooleanField(default=False)


class PublishInput(StrictSerializer):
    """version: default the newest. draft: true stores the draft as the next version and publishes that one.

    at: publish then, not now; the document is checked now and again at that time.
    """

    version = serializers.IntegerField(required=False)
    draft = Flag(required=False, default=False)
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    at = serializers.DateTimeField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Reject a draft together with a version."""
        if attrs["draft"] and "version" in attrs:
            raise serializers.ValidationError({"draft": [_either(_("Either `draft` or `version`, not both."))]})
        return attrs


def _either(message: str) -> serializers.ErrorDetail:
    return serializers.ErrorDetail(message, code="invalid")


class RetireInput(StrictSerializer):
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class DraftOutput(serializers.Serializer[Any]):
    """source: the YAML text. revision: 0 if nobody has saved a draft. base: the version that the draft started from."""

    key = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # the field of this name
    revision = serializers.IntegerField()
    base = serializers.IntegerField(allow_null=True)
    changed_by = serializers.CharField(allow_null=True)
    changed_at = serializers.DateTimeField(allow_null=True)


class TemplateOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = TextField()
    category = TextField()
    description = TextField()
    version = serializers.IntegerField()
    form = serializers.ListField(child=serializers.DictField())
    chain = serializers.ListField(child=serializers.DictField())


class TemplateDetailOutput(TemplateOutput):
    schema = serializers.DictField(help_text="The form as one JSON Schema (2020-12): what a complete form may hold.")
    rating = serializers.BooleanField()


class CheckOutput(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    errors = FindingOutput(many=True)  # type: ignore[assignment]  # the field of this name
    warnings = FindingOutput(many=True)
    mermaid = serializers.CharField()


class ImportOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    version = serializers.IntegerField()
    published = serializers.BooleanField()
    warnings = FindingOutput(many=True)


class PublishOutput(ImportOutput):
    """publishes_at: when it will be published; null if it is published now."""

    publishes_at = serializers.DateTimeField(allow_null=True)


class RetireOutput(serializers.Serializer[Any]):
    """version: the one that was published until now."""

    key = serializers.CharField()
    version = serializers.IntegerField()
    published = serializers.BooleanField()


class ChangeOutput(serializers.Serializer[Any]):
    path = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class DiffOutput(serializers.Serializer[Any]):
    changes = ChangeOutput(many=True)


class PastStepOutput(serializers.Serializer[Any]):
    node = serializers.CharField()
    name = serializers.CharField()
    assignees = serializers.ListField(child=serializers.CharField())


class DifferenceOutput(serializers.Serializer[Any]):
    """A ticket whose chain would differ; `changes`: what its steps would do differently, in words.

    errors: why its values do not fit the new version.
    """

    number = serializers.CharField()
    before = PastStepOutput(many=True)
    after = PastStepOutput(many=True)
    changes = ChangeOutput(many=True)
    errors = FindingOutput(many=True)  # type: ignore[assignment]  # the field of this name


class ReplayOutput(serializers.Serializer[Any]):
    checked = serializers.IntegerField()
    changed = DifferenceOutput(many=True)


class VersionOutput(serializers.Serializer[Any]):
    """note: of its last publication. publishes_at: when it will be published, if that is scheduled.

    refused: why a scheduled publication was refused at its time.
    """

    version = serializers.IntegerField()
    state = serializers.CharField()
    created_by = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    publishes_at = serializers.DateTimeField(allow_null=True)
    refused = FindingOutput(many=True)


class DraftStateOutput(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    changed_by = serializers.CharField(allow_null=True)
    changed_at = serializers.DateTimeField()


class StudioTemplateOutput(serializers.Serializer[Any]):
    """version: the published one. newest: null if there is only a draft. publishes_at: if that is scheduled."""

    key = serializers.CharField()
    name = TextField()
    category = TextField()
    version = serializers.IntegerField(allow_null=True)
    newest = serializers.IntegerField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    publishes_at = serializers.DateTimeField(allow_null=True)
    draft = DraftStateOutput(allow_null=True)


class PersonOutput(serializers.Serializer[Any]):
    name = serializers.CharField()


class AgentOutput(serializers.Serializer[Any]):
    """One proxy: the agent acts for the principal."""

    agent = serializers.CharField()
    principal = serializers.CharField()


class SimulatedStepOutput(StepOutput):
    agents = AgentOutput(many=True)


class SimulateOutput(serializers.Serializer[Any]):
    path = SimulatedStepOutput(many=True)
    people = serializers.DictField(child=PersonOutput())
    visible = serializers.ListField(child=serializers.CharField())
    required = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]  # the field of this name
    errors = FindingOutput(many=True)  # type: ignore[assignment]  # the field of this name
    values = serializers.DictField()
    plans = serializers.ListField(child=serializers.DictField())
