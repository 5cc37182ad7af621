"""GET deliveries, POST deliveries/{id}/retry."""

from typing import cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.idempotency import idempotent
from accounts.models import User
from config.inputs import StrictSerializer, checked
from config.paging import page
from notify import commands, queries
from notify.api.notifications import PAGING
from notify.models import Delivery
from notify.states import DeliveryState, Hold


class DeliveryOutput(serializers.Serializer):
    """One message to one person, or (recipient null) to the machine at `address`.

    `due_at` is when it is tried next, null where it is not. `held_by` says what keeps it back although nothing went
    wrong: `pace`, where WeCom would drop one more message to this person now. An address is shown without its query.
    """

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Delivery.Kind.choices)
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


class Filters(serializers.Serializer):
    """What a list of deliveries can be narrowed to."""

    state = serializers.ChoiceField(choices=DeliveryState.choices, required=False)
    kind = serializers.ChoiceField(choices=Delivery.Kind.choices, required=False)


class DeliveriesView(APIView):
    """Deliveries."""

    @extend_schema(operation_id="deliveries_list", parameters=[*PAGING, Filters], responses=DeliveryList)
    def get(self, request: Request) -> Response:
        """Newest first: everybody's for an administrator, one's own for anyone else."""
        filters = checked(Filters, request.query_params)
        return Response(queries.deliveries(cast(User, request.user), page(request.query_params), **filters))


class RetryView(APIView):
    """Try again."""

    @extend_schema(operation_id="deliveries_retry", request=StrictSerializer, responses=DeliveryOutput)
    @idempotent
    def post(self, request: Request, delivery_id: int) -> Response:
        """Queue a failed or dead delivery once more (administrators)."""
        checked(StrictSerializer, request.data)
        actor = cast(User, request.user)
        delivery = commands.retry(delivery_id=delivery_id, actor=actor, at=timezone.now())
        return Response(queries.delivery_output(delivery))
