"""The shapes of the API's responses, for the OpenAPI schema."""

from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers

from notify.states import DeliveryState
from reports.models import Sending
from tickets.states import TicketState

MONTH = OpenApiParameter(
    "month",
    str,
    description="Year and month in the company's time zone, like 2026-11; default: this month.",
    pattern=r"^2\d{3}-(0[1-9]|1[0-2])$",
)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string"},
            {"type": "object", "properties": {"zh": {"type": "string"}, "en": {"type": "string"}}},
        ]
    }
)
class TextField(serializers.JSONField):
    """A localized text."""


class SatisfactionOutput(serializers.Serializer):
    """Ratings of the tickets completed in the month."""

    average = serializers.FloatField(allow_null=True)
    count = serializers.IntegerField()


class StateCountOutput(serializers.Serializer):
    """The month's tickets in one state."""

    state = serializers.ChoiceField(choices=TicketState.choices)
    count = serializers.IntegerField()


class TemplateRowOutput(serializers.Serializer):
    """One template's numbers in the month. median_hours: from submission to end, of completed tickets."""

    key = serializers.CharField()
    name = TextField()
    submitted = serializers.IntegerField()
    completed = serializers.IntegerField()
    median_hours = serializers.FloatField(allow_null=True)


class HandlerRowOutput(serializers.Serializer):
    """One person's decisions in the month. on_behalf: how many of them as a proxy."""

    username = serializers.CharField()
    name = serializers.CharField()
    decided = serializers.IntegerField()
    on_behalf = serializers.IntegerField()
    median_hours = serializers.FloatField(allow_null=True)


class DayRowOutput(serializers.Serializer):
    """One day: how many tickets were submitted and how many were completed."""

    date = serializers.DateField()
    submitted = serializers.IntegerField()
    completed = serializers.IntegerField()


class SummaryOutput(serializers.Serializer):
    """The numbers of a month; reports.queries.summary.Summary says what each of them counts."""

    month = serializers.CharField()
    total = serializers.IntegerField()
    completed = serializers.IntegerField()
    open = serializers.IntegerField()
    vetoed = serializers.IntegerField()
    withdrawn = serializers.IntegerField()
    failed = serializers.IntegerField()
    on_time_rate = serializers.FloatField(allow_null=True)
    median_hours = serializers.FloatField(allow_null=True)
    satisfaction = SatisfactionOutput()
    by_state = StateCountOutput(many=True)
    by_template = TemplateRowOutput(many=True)
    by_handler = HandlerRowOutput(many=True)
    by_day = DayRowOutput(many=True)


class SentOutput(serializers.Serializer):
    """One recipient and channel. at: when it was sent, or null; error: why it was not sent."""

    username = serializers.CharField()
    name = serializers.CharField()
    channel = serializers.ChoiceField(Sending.Channel.choices)
    state = serializers.ChoiceField(DeliveryState.choices)
    at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField()


class RunOutput(serializers.Serializer):
    """One month's workbook and the recipients it was sent to (BATON_REPORT_TO)."""

    period = serializers.CharField()
    at = serializers.DateTimeField()
    file = serializers.CharField()
    sent_to = SentOutput(many=True)
