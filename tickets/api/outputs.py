"""Output serializers of the tickets API."""

from typing import Any

from rest_framework import serializers

from common.schema import StepOutput, TextField, WithinOutput
from tickets.api.event_output import EventOutput
from tickets.models import ApprovalTask, NodeVisit
from tickets.models.ticket import Priority
from tickets.states import TaskState, TicketState
from tickets.states.approval_task import Channel


class TemplateRef(serializers.Serializer[Any]):
    key = serializers.CharField()
    version = serializers.IntegerField()
    name = TextField()


class WaitingOutput(serializers.Serializer[Any]):
    username = serializers.CharField()
    name = serializers.CharField()
    node_name = TextField()
    since = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)


class DryRunSummaryOutput(serializers.Serializer[Any]):
    """Number of hosts, of hosts that would change, of failed hosts, and of steps without a prediction."""

    hosts = serializers.IntegerField()
    changed = serializers.IntegerField()
    failed = serializers.IntegerField()
    unforeseen = serializers.IntegerField()


class ProgressOutput(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class DryRunOutput(serializers.Serializer[Any]):
    """The last dry run. While a new one runs, summary, words and digest are those of the one before, if any."""

    state = serializers.ChoiceField(["waiting", "running", "done", "failed"])
    summary = DryRunSummaryOutput(allow_null=True)
    words = TextField()
    digest = serializers.CharField()
    message = serializers.CharField(help_text="Why it failed")
    progress = ProgressOutput(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class PlanDryRunOutput(DryRunOutput):
    """mode: whether approval needs it. state `later`: it runs once the sub-ticket is created."""

    mode = serializers.ChoiceField(["required", "offered"])
    state = serializers.ChoiceField(["later", "waiting", "running", "done", "failed"])
    may_repeat = serializers.BooleanField()


class PlanLineDryRunOutput(serializers.Serializer[Any]):
    mode = serializers.ChoiceField(["required", "offered"])
    state = serializers.ChoiceField(["later", "waiting", "done", "failed"])
    words = TextField()


class PlanLineOutput(serializers.Serializer[Any]):
    """A plan that waits for decisions. subticket: the title of the sub-ticket that will run it; null: this ticket."""

    name = TextField()
    action = serializers.CharField()
    risk = serializers.CharField()
    command = serializers.ListField(child=TextField())
    hosts = serializers.ListField(child=serializers.CharField())
    subticket = serializers.CharField(allow_null=True)
    digest = serializers.CharField()
    dry_run = PlanLineDryRunOutput(allow_null=True)


class MyTaskOutput(serializers.Serializer[Any]):
    """A task that I may decide. digest: to be sent with a decision about what is shown here.

    acting_for: the assignee, if I act as a proxy. signed: I have already signed at this step, so somebody else must
    approve. plans: what an approval allows to run. one_by_one: approve it on the ticket's page, never in bulk.
    """

    id = serializers.IntegerField()
    node = serializers.CharField()
    node_name = TextField()
    type = serializers.CharField()
    digest = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True)
    acting_for = serializers.CharField(allow_null=True)
    acting_for_name = serializers.CharField(allow_null=True)
    signed = serializers.BooleanField()
    plans = PlanLineOutput(many=True)
    one_by_one = serializers.BooleanField()


class TicketRowOutput(serializers.Serializer[Any]):
    number = serializers.CharField()
    title = serializers.CharField()
    template = TemplateRef()
    state = serializers.ChoiceField(choices=TicketState.choices)
    applicant = serializers.CharField()
    applicant_name = serializers.CharField()
    department = serializers.CharField(allow_null=True)
    priority = serializers.ChoiceField(choices=Priority.choices)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    waiting_for = WaitingOutput(many=True)
    my_tasks = MyTaskOutput(many=True)


class NodeOutput(serializers.Serializer[Any]):
    node = serializers.CharField()
    name = TextField()
    type = serializers.CharField()
    round = serializers.IntegerField()
    state = serializers.ChoiceField(choices=NodeVisit.State.choices)
    outcome = serializers.CharField()
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    waiting = serializers.ListField(child=serializers.CharField())
    kept = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="Tasks of earlier rounds that count here."
    )
    within = WithinOutput(many=True)
    until = serializers.DateTimeField(allow_null=True, required=False)
    children = serializers.ListField(child=serializers.CharField(), required=False)


class TargetNodeOutput(serializers.Serializer[Any]):
    node = serializers.CharField()
    name = TextField()


class TaskOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    node = serializers.CharField()
    round = serializers.IntegerField()
    assignee = serializers.CharField()
    reason = serializers.CharField()
    state = serializers.ChoiceField(choices=TaskState.choices)
    decided_by = serializers.CharField(allow_null=True)
    on_behalf_of = serializers.CharField(allow_null=True)
    channel = serializers.ChoiceField(choices=Channel.choices, allow_null=True)
    comment = serializers.CharField()
    created_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    digest = serializers.CharField()
    added_to = serializers.IntegerField(allow_null=True)
    position = serializers.ChoiceField(choices=[("", ""), *ApprovalTask.Position.choices])
    acting_for = serializers.CharField(allow_null=True, help_text="Whose seat it is, where I fill it as a proxy")
    signed = serializers.BooleanField(help_text="I have signed at this step: a yes must come from somebody else")
    allowed_actions = serializers.ListField(child=serializers.CharField())
    return_to = TargetNodeOutput(many=True)
    removable = serializers.ListField(child=serializers.CharField())
    editable = serializers.ListField(child=serializers.CharField())


class TicketRefOutput(serializers.Serializer[Any]):
    number = serializers.CharField()
    title = serializers.CharField()
    template = serializers.CharField()
    applicant = serializers.CharField()
    state = serializers.CharField()
    version = serializers.IntegerField()


class InboxTaskOutput(TaskOutput):
    ticket = TicketRefOutput()


class TargetOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    address = serializers.CharField()
    connection = serializers.CharField()


class PlanStepOutput(serializers.Serializer[Any]):
    action = serializers.CharField()
    version = serializers.CharField()
    executor = serializers.CharField()
    params = serializers.DictField()
    take = serializers.DictField(required=False, help_text="parameter → {from: number of a stage, output: its name}")
    health_check = serializers.DictField(required=False, help_text="Such a step: what looks at the hosts after it")


class BackOutput(serializers.Serializer[Any]):
    name = TextField()
    command = serializers.ListField(child=TextField())


class PlanOutput(serializers.Serializer[Any]):
    """What runs at a node. subticket: the title of the sub-ticket, not created yet, that runs it; null: this ticket."""

    subticket = serializers.CharField(allow_null=True)
    node = serializers.CharField()
    action = serializers.CharField()
    version = serializers.CharField()
    executor = serializers.CharField()
    params = serializers.DictField()
    targets = TargetOutput(many=True)
    not_before = serializers.DateTimeField(allow_null=True)
    valid_days = serializers.IntegerField(required=False, help_text="How long it may begin after the last approval")
    batch = serializers.JSONField(
        required=False, help_text='How many hosts at once: a number, "25%", or a list of those'
    )
    on_failure = serializers.ChoiceField(["stop", "continue"], required=False)
    site = serializers.CharField(required=False, help_text="Where the hosts are, if not at the main site")
    digest = serializers.CharField()
    name = TextField()
    risk = serializers.CharField()
    command = serializers.ListField(child=TextField())
    summary = TextField()
    labels = serializers.DictField(child=TextField())
    dry_run = PlanDryRunOutput(allow_null=True)
    stages = PlanStepOutput(many=True, required=False, help_text="Where several actions run, one after another")
    rollback = PlanStepOutput(required=False, help_text="What takes it back, signed with the plan")
    health_check = PlanStepOutput(required=False, help_text="What looks at the hosts after each batch; not of stages")
    back = BackOutput(allow_null=True, help_text="The way back in words")
    checks = BackOutput(many=True, help_text="The health checks in words, of stages and of the way back too")


class JobRefOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    node = serializers.CharField()
    state = serializers.CharField()
    outcome = serializers.CharField()


class RatingOutput(serializers.Serializer[Any]):
    score = serializers.IntegerField()
    comment = serializers.CharField()


class NameOutput(serializers.Serializer[Any]):
    name = serializers.CharField()


class ParentOutput(serializers.Serializer[Any]):
    number = serializers.CharField()
    state = serializers.CharField()
    title = serializers.CharField(allow_null=True, help_text="Null for those who have no part in that ticket")


class ChildOutput(ParentOutput):
    node = serializers.CharField()
    visit = serializers.IntegerField()


class AttachmentOutput(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    content_type = serializers.CharField()


class TicketOutput(serializers.Serializer[Any]):
    number = serializers.CharField()
    title = serializers.CharField()
    template = TemplateRef()
    state = serializers.ChoiceField(choices=TicketState.choices)
    applicant = serializers.CharField()
    department = serializers.CharField(allow_null=True)
    form = serializers.DictField()
    form_fields = serializers.ListField(child=serializers.DictField())
    locked = serializers.ListField(child=serializers.CharField())
    chosen = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    content_version = serializers.IntegerField()
    digest = serializers.CharField()
    plans = PlanOutput(many=True)
    priority = serializers.ChoiceField(choices=Priority.choices)
    created_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()
    nodes = NodeOutput(many=True)
    upcoming = StepOutput(many=True)
    tasks = TaskOutput(many=True)
    jobs = JobRefOutput(many=True)
    children = ChildOutput(many=True)
    parent = ParentOutput(allow_null=True)
    attachments = AttachmentOutput(many=True)
    rating = RatingOutput(allow_null=True)
    allowed_actions = serializers.ListField(child=serializers.CharField())
    people = serializers.DictField(child=NameOutput())


class TimelineOutput(serializers.Serializer[Any]):
    results = EventOutput(many=True)
    next = serializers.CharField(allow_null=True)
    people = serializers.DictField(child=NameOutput())


class BulkResultOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    ok = serializers.BooleanField()
    code = serializers.CharField(required=False)
