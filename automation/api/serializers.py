"""Input and output shapes of the automation API."""

from typing import Any

from rest_framework import serializers

from automation.models.job import HostStatus
from automation.states import JobState, Outcome
from common.inputs import StrictSerializer
from common.schema import TextField
from tickets.api.outputs import BackOutput, DryRunOutput, PlanStepOutput, TargetOutput


class ActionOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    version = serializers.CharField()
    name = TextField()
    description = TextField()
    executor = serializers.CharField()
    executor_name = TextField()
    read_only = serializers.BooleanField()  # type: ignore[assignment] # DRF takes declared fields off the class
    needs_targets = serializers.BooleanField()
    risk = serializers.ChoiceField(["low", "high"])
    dry_run = serializers.ChoiceField(["required", "offered", "none"])
    diff = serializers.ChoiceField(["everyone", "approvers"], help_text="Who reads what a dry run foresees in files")
    rollback = serializers.JSONField(help_text="none, or {action, params}")
    health_check = serializers.JSONField(allow_null=True, help_text="{action, params}, run after each batch; or null")
    timeout_s = serializers.IntegerField()
    valid_days = serializers.IntegerField()
    batch = serializers.JSONField(allow_null=True, help_text="How many hosts at once where the template does not say")
    concurrency = serializers.IntegerField(allow_null=True, help_text="How many jobs of it may run at once")
    credentials = serializers.ListField(child=serializers.CharField())
    usable_by = serializers.ListField(help_text="Who may use it, as a template's visible_to")
    command = TextField()
    labels = serializers.DictField(child=TextField())
    params = serializers.ListField(
        child=serializers.DictField(), help_text="Fields as in a form: key, type, label, required, default and limits"
    )
    schema = serializers.DictField(help_text="The same as JSON Schema, by which values are judged")


class JobTicketOutput(serializers.Serializer[Any]):
    number = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()


class JobWaitOutput(serializers.Serializer[Any]):
    """Another job that blocks this one, because of a host or an action's limit. Fields that I may not see are null."""

    job = serializers.IntegerField(allow_null=True)
    ticket = serializers.CharField(allow_null=True)
    running = serializers.BooleanField(help_text="Else it waits too, and is older, or `held`")
    held = serializers.BooleanField(
        help_text="It has ended, and nobody knows what became of this host: an operator looks, then resolves that job"
    )
    host = serializers.CharField(allow_null=True)
    action = serializers.CharField(allow_null=True)


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
    site = serializers.CharField(help_text='Whose executors run it; "" is the main site')
    executor_away = serializers.BooleanField(
        help_text="It could begin now, and no executor of its site gives a sign of life"
    )
    reason = serializers.ChoiceField(
        ["running", "paused", "time", "executor", "host", "action", "system", "place"],
        allow_blank=True,
        help_text="Why it does not run yet: its time, no executor of its site, a host or an action that others have, "
        "the system it goes through, a place at the executor",
    )
    waits_for = JobWaitOutput(many=True, help_text="The first ten, running ones first")
    is_rollback = serializers.BooleanField(help_text="Its last run is the plan's way back")
    holds_hosts = serializers.BooleanField(
        help_text="It has ended, and keeps its unknown hosts for itself until an answer comes or it is resolved"
    )
    not_before = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class JobProgressOutput(serializers.Serializer[Any]):
    """done: finished hosts, successful or not."""

    batch = serializers.IntegerField()
    batches = serializers.IntegerField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class JobPlanOutput(serializers.Serializer[Any]):
    action = serializers.CharField()
    version = serializers.CharField()
    params = serializers.DictField()
    targets = TargetOutput(many=True)
    batch = serializers.JSONField(
        allow_null=True, help_text='How many hosts at once: a number, "25%", or a list of those; null for all'
    )
    on_failure = serializers.ChoiceField(["stop", "continue"])
    digest = serializers.CharField()
    stages = PlanStepOutput(many=True, allow_null=True, help_text="Several actions, one after another; else null")
    rollback = PlanStepOutput(allow_null=True, help_text="What takes it back, signed with the plan")
    health_check = PlanStepOutput(allow_null=True, help_text="What looks at the hosts after each batch; not of stages")


class JobHostOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    status = serializers.ChoiceField(HostStatus.choices)
    changed = serializers.BooleanField()
    touched = serializers.BooleanField(help_text="A run may have changed it, and nothing has taken that back")
    message = serializers.CharField()
    batch = serializers.IntegerField(
        allow_null=True, help_text="In which batch of its last run, from 1; null outside it, and without batches"
    )


class JobDetailOutput(JobOutput):
    plan = JobPlanOutput()
    labels = serializers.DictField(child=TextField(), help_text="What people call each parameter")
    command = serializers.ListField(child=TextField())
    instructions = TextField(allow_null=True, help_text="What a person is to do, where the action is done by hand")
    back = BackOutput(allow_null=True, help_text="The way back in words")
    checks = BackOutput(many=True, help_text="The health checks in words, of stages and of the way back too")
    executor = serializers.CharField()
    progress = JobProgressOutput()
    hosts = JobHostOutput(many=True)
    dry_run = DryRunOutput(allow_null=True)
    cancel_requested_at = serializers.DateTimeField(allow_null=True)
    pause_requested_at = serializers.DateTimeField(allow_null=True)
    allowed_actions = serializers.ListField(child=serializers.CharField())


class JobLogOutput(serializers.Serializer[Any]):
    text = serializers.CharField()
    next_offset = serializers.IntegerField()
    size = serializers.IntegerField(help_text="How many characters there are so far")
    done = serializers.BooleanField()


class JobLogMatchOutput(serializers.Serializer[Any]):
    offset = serializers.IntegerField()
    line = serializers.CharField()


class JobLogSearchOutput(serializers.Serializer[Any]):
    """more: whether there are further matches."""

    matches = JobLogMatchOutput(many=True)
    more = serializers.BooleanField()


class TickInput(StrictSerializer):
    status = serializers.ChoiceField(["ok", "changed", "failed", "skipped"])
    comment = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)


class RerunInput(StrictSerializer):
    hosts = serializers.ChoiceField(["failed", "all"], default="failed")
    comment = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class RollbackInput(StrictSerializer):
    hosts = serializers.ListField(
        child=serializers.CharField(max_length=128), required=False, allow_null=True, default=None, max_length=1000
    )
    comment = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class ResumeInput(StrictSerializer):
    comment = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class ResolveInput(StrictSerializer):
    comment = serializers.CharField(max_length=2000, allow_blank=True)
