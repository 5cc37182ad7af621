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
from common.asking import flag, known
from common.inputs import Flag, StrictSerializer, checked
from common.paging import page
from common.schema import PAGING
from notify import commands, queries

LIST = [*PAGING, OpenApiParameter("unread", bool, description="Only the unread.")]


class Notification(serializers.Serializer):
    """One notification. `title` and `text` are in the caller's language; `text` shows changes and what the actor wrote.

    `number` is the ticket's number; empty if the notification is about no ticket, such as a new proxy.
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
    """A page of notifications; `unread` counts all unread ones, not only those of this page."""

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
        """Require exactly one of the two; reject `all: false`."""
        if attrs.get("all") is False:
            raise serializers.ValidationError({"all": [_required(_("Leave it out, or write true."))]})
        if ("ids" in attrs) == ("all" in attrs):
            raise serializers.ValidationError({"ids": [_required(_("Either `ids` or `all`: true, and not both."))]})
        return attrs


def _required(message: str) -> serializers.ErrorDetail:
    return serializers.ErrorDetail(message, code="required")


class ReadOutput(serializers.Serializer):
    """How many were marked as read, and how many are still unread."""

    read = serializers.IntegerField()
    unread = serializers.IntegerField()


class NotificationsView(APIView):
    """My notifications."""

    @extend_schema(
        operation_id="notifications_list",
        parameters=LIST,
        responses=NotificationList,
    )
    def get(self, request: Request) -> Response:
        """List my notifications, newest first."""
        query = known(request, LIST)
        user = cast(User, request.user)
        return Response(queries.notifications(user, page(query), unread=flag(query, "unread")))


class ReadView(APIView):
    """Mark notifications as read."""

    @extend_schema(operation_id="notifications_read", request=ReadInput, responses=ReadOutput)
    @idempotent
    def post(self, request: Request) -> Response:
        """Mark my own notifications as read; other people's ids are ignored."""
        values = checked(ReadInput, request.data)
        user = cast(User, request.user)
        count = commands.mark_read(user=user, ids=values.get("ids"), at=timezone.now())
        return Response({"read": count, "unread": queries.unread_count(user)})
