"""GET deliveries, POST deliveries/{id}/retry."""

from typing import cast

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.idempotency import idempotent
from accounts.models import User
from common.asking import choice, known
from common.inputs import StrictSerializer, checked
from common.paging import page
from common.schema import PAGING
from notify import commands, queries
from notify.channels import KINDS
from notify.states import DeliveryState, Hold


class DeliveryOutput(serializers.Serializer):
    """One message to one person, or to the machine at `address` (recipient null).

    `due_at` is the time of the next attempt, null if there is none. `held_by` says why a delivery waits without an
    error: `pace` means that WeCom would drop another message to this person now. The query of an address is not shown.
    """

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=KINDS)
    state = serializers.ChoiceField(choices=DeliveryState.choices)
    recipient = serializers.CharField(allow_null=True)
    address = serializers.CharField(allow_blank=True)
    event = serializers.CharField()
    number = serializers.CharField(allow_blank=True)
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    held_by = serializers.ChoiceField(choices=Hold.choices, allow_null=True)
    sent_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField(allow_blank=True)


class DeliveryList(serializers.Serializer):
    """A page of deliveries."""

    results = DeliveryOutput(many=True)
    next = serializers.CharField(allow_null=True)


LIST = [
    *PAGING,
    OpenApiParameter("state", str, enum=DeliveryState.values),
    OpenApiParameter("kind", str, enum=KINDS),
]


class DeliveriesView(APIView):
    """Deliveries."""

    @extend_schema(operation_id="deliveries_list", parameters=LIST, responses=DeliveryList)
    def get(self, request: Request) -> Response:
        """List deliveries, newest first: all for an administrator, only their own for other users."""
        query = known(request, LIST)
        state = choice(query, "state", DeliveryState.values) or ""
        kind = choice(query, "kind", KINDS) or ""
        return Response(queries.deliveries(cast(User, request.user), page(query), state=state, kind=kind))


class RetryView(APIView):
    """Retry a delivery."""

    @extend_schema(operation_id="deliveries_retry", request=StrictSerializer, responses=DeliveryOutput)
    @idempotent
    def post(self, request: Request, delivery_id: int) -> Response:
        """Queue a failed or dead delivery again (administrators only)."""
        checked(StrictSerializer, request.data)
        actor = cast(User, request.user)
        delivery = commands.retry(delivery_id=delivery_id, actor=actor, at=timezone.now())
        return Response(queries.delivery_output(delivery))
