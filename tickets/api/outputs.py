"""What the tickets API answers."""

from typing import Any

from rest_framework import serializers

from config.schema import StepOutput, TextField, WithinOutput
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


class PlanLineOutput(serializers.Serializer[Any]):
    """A plan that waits for decisions. subticket: the title of the sub-ticket that will run it; null: this ticket."""

    name = TextField()
    action = serializers.CharField()
    risk = serializers.CharField()
    command = serializers.ListField(child=TextField())
    hosts = serializers.ListField(child=serializers.CharField())
    subticket = serializers.CharField(allow_null=True)
    digest = serializers.CharField()


class MyTaskOutput(serializers.Serializer[Any]):
    """A task that I may decide. digest: what a decision on what is shown here sends.

    acting_for: whose seat it is, where it is not my own. signed: I have signed at this step already, so that somebody
    else must say yes. plans: what a yes lets run. one_by_one: it is given with the ticket open, never in bulk.
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


class PlanOutput(serializers.Serializer[Any]):
    """What runs at a node. subticket: the title of the sub-ticket, not made yet, that runs it; null: this ticket."""

    subticket = serializers.CharField(allow_null=True)
    node = serializers.CharField()
    action = serializers.CharField()
    version = serializers.CharField()
    executor = serializers.CharField()
    params = serializers.DictField()
    targets = TargetOutput(many=True)
    not_before = serializers.DateTimeField(allow_null=True)
    digest = serializers.CharField()
    name = TextField()
    risk = serializers.CharField()
    command = serializers.ListField(child=TextField())
    summary = TextField()
    labels = serializers.DictField(child=TextField())


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


class EventOutput(serializers.Serializer[Any]):
    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    actor = serializers.CharField(allow_null=True)
    on_behalf_of = serializers.CharField(allow_null=True)
    data = serializers.DictField()  # type: ignore[assignment]  # the field of this name
    hash = serializers.CharField()


class TimelineOutput(serializers.Serializer[Any]):
    results = EventOutput(many=True)
    next = serializers.CharField(allow_null=True)
    people = serializers.DictField(child=NameOutput())


class BulkResultOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    ok = serializers.BooleanField()
    code = serializers.CharField(required=False)
