"""What the tickets API takes."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from config.inputs import Flag, StrictSerializer
from tickets.models import ApprovalTask
from tickets.models.ticket import Priority

LONGEST_COMMENT = 4000
MOST_CHOSEN = 500
MOST_ID = 2**63 - 1


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


class Title(serializers.RegexField):
    """What a ticket is called; empty: the server names it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            r"^[^\x00-\x1f\x7f]*$",
            max_length=200,
            required=False,
            allow_blank=True,
            error_messages={"invalid": _("A title is one line without control characters.")},
            **kwargs,
        )


class CreateInput(StrictSerializer):
    template = serializers.CharField(max_length=64)
    title = Title(default="")
    form = serializers.JSONField()
    chosen = Chosen()
    priority = serializers.ChoiceField(choices=Priority.choices, required=False, default=Priority.NORMAL)
    draft = Flag(required=False, default=False)


class FormInput(StrictSerializer):
    form = serializers.JSONField(required=False, default=None)
    chosen = Chosen()


class DraftInput(FormInput):
    """What is left out, or null, stays as it is."""

    title = Title(default=None, allow_null=True)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False, default=None, allow_null=True)


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


class BulkItemInput(StrictSerializer):
    """One task, and what was on the screen when somebody said yes to it."""

    id = serializers.IntegerField(min_value=1, max_value=MOST_ID)
    digest = serializers.CharField(max_length=64, required=False, allow_null=True, default=None)
    ticket_version = serializers.IntegerField(required=False, allow_null=True, default=None)


class BulkInput(StrictSerializer):
    """Either `ids` or `items`. A yes to what would run something needs the digest of the plan that was shown."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MOST_ID), allow_empty=False, max_length=100,
        required=False,
    )  # fmt: skip
    items = serializers.ListField(child=BulkItemInput(), allow_empty=False, max_length=100, required=False)
    action = serializers.ChoiceField(choices=["approve", "confirm", "return", "veto"])
    comment = Comment()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One list of tasks, each of them once; a return says why, as it must when it comes alone."""
        if ("ids" in attrs) == ("items" in attrs):
            raise _wrong("items", "required", _("Name the tasks in `items`, or in `ids`, and not in both."))
        items = attrs.pop("items", None)
        if items is None:
            items = [{"id": task_id} for task_id in dict.fromkeys(attrs.pop("ids"))]
        if len({item["id"] for item in items}) < len(items):
            raise _wrong("items", "named_twice", _("Each task once."))
        if attrs["action"] == "return" and not attrs["comment"]:
            raise _wrong("comment", "required", _("Say why."))
        return {**attrs, "items": items}


def _wrong(path: str, code: str, message: Any) -> serializers.ValidationError:
    return serializers.ValidationError({path: [serializers.ErrorDetail(str(message), code=code)]})
