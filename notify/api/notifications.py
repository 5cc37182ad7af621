"""GET notifications, POST notifications/read."""

from typing import cast

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.idempotency import idempotent
from accounts.models import User
from config.asking import flag, known
from config.inputs import Flag, StrictSerializer, checked
from config.paging import page
from config.schema import PAGING
from notify import commands, queries

LIST = [*PAGING, OpenApiParameter("unread", bool, description="Only the unread.")]


class Notification(serializers.Serializer):
    """One piece of news. `title` and `text` are in the caller's language; `text` is what the actor wrote.

    `number` is the ticket's; empty for what is about none, such as who stands in for whom.
    """

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    number = serializers.CharField(allow_blank=True)
    title = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    actor = serializers.CharField(allow_null=True)
    url = serializers.CharField()
    read_at = serializers.DateTimeField(allow_null=True)


class NotificationList(serializers.Serializer):
    """A page of news; `unread` counts all of it."""

    results = Notification(many=True)
    next = serializers.CharField(allow_null=True)
    unread = serializers.IntegerField()


class ReadInput(StrictSerializer):
    """Either `ids` or `all: true`."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=1000, required=False
    )
    all = Flag(required=False)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        """Exactly one of the two; `all: false` says nothing."""
        if attrs.get("all") is False:
            raise serializers.ValidationError({"all": [_required(_("Leave it out, or say true."))]})
        if ("ids" in attrs) == ("all" in attrs):
            raise serializers.ValidationError({"ids": [_required(_("Either `ids` or `all`: true, and not both."))]})
        return attrs


def _required(message: str) -> serializers.ErrorDetail:
    return serializers.ErrorDetail(message, code="required")


class ReadOutput(serializers.Serializer):
    """How many became read, and how many are left unread."""

    read = serializers.IntegerField()
    unread = serializers.IntegerField()


class NotificationsView(APIView):
    """My news."""

    @extend_schema(
        operation_id="notifications_list",
        parameters=LIST,
        responses=NotificationList,
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        query = known(request, LIST)
        user = cast(User, request.user)
        return Response(queries.notifications(user, page(query), unread=flag(query, "unread")))


class ReadView(APIView):
    """News I have seen."""

    @extend_schema(operation_id="notifications_read", request=ReadInput, responses=ReadOutput)
    @idempotent
    def post(self, request: Request) -> Response:
        """Mark my own news as read; ids that are not mine are left alone."""
        values = checked(ReadInput, request.data)
        user = cast(User, request.user)
        count = commands.mark_read(user=user, ids=values.get("ids"), at=timezone.now())
        return Response({"read": count, "unread": queries.unread_count(user)})
