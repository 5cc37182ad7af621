"""Shapes of the tickets API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from config.inputs import StrictSerializer
from config.schema import StepOutput, TextField, WithinOutput
from tickets.models import ApprovalTask, NodeVisit
from tickets.models.ticket import Priority
from tickets.states import TaskState, TicketState
from tickets.states.approval_task import Channel

LONGEST_COMMENT = 4000
MOST_CHOSEN = 500


class Comment(serializers.CharField):
    """What somebody says; may be left out."""

    def __init__(self, *, needed: bool = False, **kwargs: Any) -> None:
        defaults = {"required": True} if needed else {"required": False, "default": "", "allow_blank": True}
        super().__init__(max_length=LONGEST_COMMENT, **{**defaults, **kwargs})


class Chosen(serializers.DictField):
    """Whom the applicant chose, for the nodes that let him: node → usernames."""

    def __init__(self) -> None:
        names = serializers.ListField(child=serializers.CharField(max_length=64), max_length=200)
        super().__init__(child=names, required=False, default=None, allow_null=True)

    def run_child_validation(self, data: Any) -> Any:
        """As many nodes as a chain can have."""
        if len(data) > MOST_CHOSEN:
            raise serializers.ValidationError(_("Too many nodes."))
        return super().run_child_validation(data)


class CreateInput(StrictSerializer):
    template = serializers.CharField(max_length=64)
    title = serializers.RegexField(
        r"^[^\x00-\x1f\x7f]*$",
        max_length=200,
        required=False,
        default="",
        allow_blank=True,
        error_messages={"invalid": _("A title is one line without control characters.")},
    )
    form = serializers.JSONField()
    chosen = Chosen()
    priority = serializers.ChoiceField(choices=Priority.choices, required=False, default=Priority.NORMAL)
    draft = serializers.BooleanField(required=False, default=False)


class FormInput(StrictSerializer):
    form = serializers.JSONField(required=False, default=None)
    chosen = Chosen()


class CommentInput(StrictSerializer):
    comment = Comment()


class TalkInput(StrictSerializer):
    text = Comment(needed=True)


class WatchInput(StrictSerializer):
    users = serializers.ListField(child=serializers.CharField(max_length=64), allow_empty=False, max_length=100)


class RateInput(StrictSerializer):
    score = serializers.IntegerField(min_value=1, max_value=5)
    comment = Comment()


class VetoInput(StrictSerializer):
    comment = Comment()
    ticket_version = serializers.IntegerField(required=False, allow_null=True, default=None)
    digest = serializers.CharField(max_length=64, required=False, allow_null=True, default=None)


class DecisionInput(VetoInput):
    """form: the fields that the node lets its people change, with their new values."""

    form = serializers.DictField(required=False, allow_null=True, default=None)


class ReturnInput(VetoInput):
    comment = Comment(needed=True)
    to = serializers.CharField(max_length=64, required=False, default="applicant")
    resume = serializers.ChoiceField(choices=["restart", "here"], required=False, default="restart")


class PeopleInput(StrictSerializer):
    users = serializers.ListField(child=serializers.CharField(max_length=64), allow_empty=False, max_length=20)
    comment = Comment()


class AddSignInput(PeopleInput):
    position = serializers.ChoiceField(choices=ApprovalTask.Position.choices)


class ReassignInput(PeopleInput):
    node = serializers.CharField(max_length=64)
    comment = Comment(needed=True)


class BulkInput(StrictSerializer):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), allow_empty=False, max_length=100
    )
    action = serializers.ChoiceField(choices=["approve", "confirm", "return", "veto"])
    comment = Comment()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A return says why, as it must when it comes alone."""
        if attrs["action"] == "return" and not attrs["comment"]:
            raise serializers.ValidationError(
                {"comment": [serializers.ErrorDetail(str(_("Say why.")), code="required")]}
            )
        return attrs


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


class MyTaskOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    node = serializers.CharField()
    node_name = TextField()
    type = serializers.CharField()
    digest = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True)


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
    acting_for = serializers.CharField(allow_null=True)
    ticket = TicketRefOutput()


class TargetOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    address = serializers.CharField()
    connection = serializers.CharField()


class PlanOutput(serializers.Serializer[Any]):
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
    title = serializers.CharField()


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
