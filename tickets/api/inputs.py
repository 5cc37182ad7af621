"""Input serializers of the tickets API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.inputs import Flag, StrictSerializer
from tickets.models import ApprovalTask
from tickets.models.ticket import Priority

LONGEST_COMMENT = 4000
MOST_CHOSEN = 500
MOST_ID = 2**63 - 1


class Comment(serializers.CharField):
    """A comment; optional by default."""

    def __init__(self, *, needed: bool = False, **kwargs: Any) -> None:
        defaults = {"required": True} if needed else {"required": False, "default": "", "allow_blank": True}
        super().__init__(max_length=LONGEST_COMMENT, **{**defaults, **kwargs})


class Chosen(serializers.DictField):
    """People chosen by the applicant: node → usernames."""

    def __init__(self) -> None:
        names = serializers.ListField(child=serializers.CharField(max_length=64), max_length=200)
        super().__init__(child=names, required=False, default=None, allow_null=True)

    def run_child_validation(self, data: Any) -> Any:
        """Limit the number of nodes."""
        if len(data) > MOST_CHOSEN:
            raise serializers.ValidationError(_("Too many nodes."))
        return super().run_child_validation(data)


class Title(serializers.RegexField):
    """A ticket's title; if empty, the server chooses it."""

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
    """Keys that are left out or null keep their value."""

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
    """form: new values of the fields that this node allows to change."""

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
    """One task, with the digest and version that were shown for it."""

    id = serializers.IntegerField(min_value=1, max_value=MOST_ID)
    digest = serializers.CharField(max_length=64, required=False, allow_null=True, default=None)
    ticket_version = serializers.IntegerField(required=False, allow_null=True, default=None)


class BulkInput(StrictSerializer):
    """Either `ids` or `items`. Approving something that runs needs the digest of the plan that was shown."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MOST_ID), allow_empty=False, max_length=100,
        required=False,
    )  # fmt: skip
    items = serializers.ListField(child=BulkItemInput(), allow_empty=False, max_length=100, required=False)
    action = serializers.ChoiceField(choices=["approve", "confirm", "return", "veto"])
    comment = Comment()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require one list without duplicates, and a comment for returns, as for a single return."""
        if ("ids" in attrs) == ("items" in attrs):
            raise _wrong("items", "required", _("Name the tasks in `items`, or in `ids`, and not in both."))
        items = attrs.pop("items", None)
        if items is None:
            items = [{"id": task_id} for task_id in dict.fromkeys(attrs.pop("ids"))]
        if len({item["id"] for item in items}) < len(items):
            raise _wrong("items", "named_twice", _("Each task once."))
        if attrs["action"] == "return" and not attrs["comment"]:
            raise _wrong("comment", "required", _("Write the reason."))
        return {**attrs, "items": items}


def _wrong(path: str, code: str, message: Any) -> serializers.ValidationError:
    return serializers.ValidationError({path: [serializers.ErrorDetail(str(message), code=code)]})
