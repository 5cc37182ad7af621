"""Shapes of the automation API."""

from typing import Any

from rest_framework import serializers

from automation.inventory.parse import READERS
from automation.models.host import Connection
from automation.models.job import HostStatus
from automation.states import JobState, Outcome
from config.inputs import StrictSerializer
from config.schema import TextField

TEXT_MAX = 2_000_000


class ActionOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    version = serializers.CharField()
    name = TextField()
    description = TextField()
    executor = serializers.CharField()
    is_read_only = serializers.BooleanField()
    needs_targets = serializers.BooleanField()
    risk = serializers.ChoiceField(["low", "high"])
    timeout_s = serializers.IntegerField()
    valid_days = serializers.IntegerField()
    command = TextField()
    labels = serializers.DictField(child=TextField())
    params = serializers.DictField(help_text="JSON Schema of the parameters")


class HostOutput(serializers.Serializer[Any]):
    """address, port, user and variables are null for people without the right to operate."""

    name = serializers.CharField()
    connection = serializers.ChoiceField(Connection.choices)
    groups = serializers.ListField(child=serializers.CharField())
    labels = serializers.DictField()
    is_active = serializers.BooleanField()
    address = serializers.CharField(allow_null=True)
    port = serializers.IntegerField(allow_null=True)
    user = serializers.CharField(allow_null=True)
    variables = serializers.DictField(allow_null=True)


class HostInput(StrictSerializer):
    name = serializers.CharField(max_length=128)
    address = serializers.CharField(max_length=255, required=False, allow_blank=True)
    connection = serializers.ChoiceField(Connection.choices, required=False)
    port = serializers.IntegerField(required=False, min_value=1, max_value=65535)
    user = serializers.CharField(max_length=32, required=False)
    groups = serializers.ListField(child=serializers.CharField(max_length=64), required=False)
    labels = serializers.DictField(required=False)
    variables = serializers.DictField(required=False)


class HostImportInput(StrictSerializer):
    text = serializers.CharField(max_length=TEXT_MAX, trim_whitespace=False)
    format = serializers.ChoiceField(sorted(READERS), required=False, help_text="Default: by its looks")


class HostImportWarning(serializers.Serializer[Any]):
    path = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class HostImportOutput(serializers.Serializer[Any]):
    """warnings: what was taken but looks like a mistake, such as two hosts with one address."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    warnings = HostImportWarning(many=True)


class JobTicketOutput(serializers.Serializer[Any]):
    number = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()


class JobOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    ticket = JobTicketOutput()
    node = serializers.CharField()
    node_name = TextField()
    action = serializers.CharField()
    action_name = TextField()
    state = serializers.ChoiceField(JobState.choices)
    outcome = serializers.ChoiceField(Outcome.choices, allow_blank=True)
    attempt = serializers.IntegerField()
    not_before = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class JobTargetOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    address = serializers.CharField()
    connection = serializers.CharField()


class JobPlanOutput(serializers.Serializer[Any]):
    action = serializers.CharField()
    version = serializers.CharField()
    params = serializers.DictField()
    targets = JobTargetOutput(many=True)
    batch = serializers.JSONField(
        allow_null=True, help_text='How many hosts at once: a number, "25%", or a list of those; null for all'
    )
    on_failure = serializers.ChoiceField(["stop", "continue"])
    digest = serializers.CharField()


class JobHostOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    status = serializers.ChoiceField(HostStatus.choices)
    changed = serializers.BooleanField()
    message = serializers.CharField()
    batch = serializers.IntegerField(
        allow_null=True, help_text="In which batch of its last run, from 1; null outside it, and without batches"
    )


class JobDetailOutput(JobOutput):
    plan = JobPlanOutput()
    labels = serializers.DictField(child=TextField(), help_text="What people call each parameter")
    command = serializers.ListField(child=TextField())
    hosts = JobHostOutput(many=True)
    cancel_requested_at = serializers.DateTimeField(allow_null=True)
    allowed_actions = serializers.ListField(child=serializers.CharField())


class JobLogOutput(serializers.Serializer[Any]):
    text = serializers.CharField()
    next_offset = serializers.IntegerField()
    done = serializers.BooleanField()


class RerunInput(StrictSerializer):
    hosts = serializers.ChoiceField(["failed", "all"], default="failed")
    comment = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class ResolveInput(StrictSerializer):
    comment = serializers.CharField(max_length=2000, allow_blank=True)
