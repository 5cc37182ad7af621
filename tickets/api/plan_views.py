"""API of a ticket's plans."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller
from common.asking import known
from tickets.queries.machine import machine_of


class MachinePartOutput(serializers.Serializer[Any]):
    """Plain text with unusual characters made visible. Never show it as HTML."""

    kind = serializers.ChoiceField(["argv", "playbook", "state", "file", "request", "values"])
    title = serializers.CharField()
    text = serializers.CharField()


class MachineOutput(serializers.Serializer[Any]):
    parts = MachinePartOutput(many=True)


class PlanMachineView(APIView):
    """GET tickets/{number}/plans/{node}/machine."""

    @extend_schema(responses=MachineOutput)
    def get(self, request: Request, number: str, node: str) -> Response:
        """The plan as it is executed: the files of the approved version, values and hosts."""
        known(request, [])
        return Response({"parts": machine_of(caller(request), number, node, timezone.now())})
