"""Log in, submit, approve, to-do list, ticket page, me. One transaction each, and no rule."""

from typing import Any

from django.contrib.auth import authenticate, login
from django.contrib.auth.models import User
from django.db import transaction
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.bench.floor.models import Event, Outbox, Task, Ticket

FIRST, SECOND = "bob", "dave"  # who approves the first step, and the second


class LogInInput(serializers.Serializer):
    username = serializers.CharField()
    password = serializers.CharField()


class TicketInput(serializers.Serializer):
    template = serializers.CharField(max_length=64)
    title = serializers.CharField(max_length=200)
    form = serializers.DictField()


class DecisionInput(serializers.Serializer):
    comment = serializers.CharField(allow_blank=True, default="")


class TaskOutput(serializers.ModelSerializer):
    assignee = serializers.CharField(source="assignee.username")

    class Meta:
        model = Task
        fields = ["id", "node", "assignee", "state", "comment", "created_at", "decided_at"]


class TicketOutput(serializers.ModelSerializer):
    applicant = serializers.CharField(source="applicant.username")

    class Meta:
        model = Ticket
        fields = ["number", "title", "state", "priority", "version", "applicant", "form", "created_at"]


class PageOutput(TicketOutput):
    tasks = TaskOutput(many=True)

    class Meta(TicketOutput.Meta):
        fields = [*TicketOutput.Meta.fields, "tasks"]


class MyTaskOutput(serializers.ModelSerializer):
    class Meta:
        model = Task
        fields = ["id", "node"]


class RowOutput(serializers.ModelSerializer):
    """A line of the to-do list, from a task with its ticket and applicant."""

    number = serializers.CharField(source="ticket.number")
    title = serializers.CharField(source="ticket.title")
    state = serializers.CharField(source="ticket.state")
    priority = serializers.CharField(source="ticket.priority")
    version = serializers.IntegerField(source="ticket.version")
    applicant = serializers.CharField(source="ticket.applicant.username")
    applicant_name = serializers.CharField(source="ticket.applicant.first_name")
    created_at = serializers.DateTimeField(source="ticket.created_at")
    my_tasks = serializers.SerializerMethodField()

    class Meta:
        model = Task
        fields = [
            "number", "title", "state", "priority", "version", "applicant", "applicant_name", "created_at", "my_tasks",
        ]  # fmt: skip

    def get_my_tasks(self, task: Task) -> list[Any]:
        return [MyTaskOutput(task).data]


def given(shape: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    found = shape(data=request.data)
    found.is_valid(raise_exception=True)
    return found.validated_data


def record(ticket: Ticket, kind: str, actor: User) -> None:
    Outbox.objects.create(event=Event.objects.create(ticket=ticket, kind=kind, actor=actor))


class LogInView(APIView):
    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        user = authenticate(request, **given(LogInInput, request))
        if user is None:
            return Response(status=403)
        login(request, user)
        get_token(request)
        return Response({"username": user.username})


class TicketsView(APIView):
    def get(self, request: Request) -> Response:
        waiting = Task.objects.filter(assignee=request.user, state="pending").select_related("ticket__applicant")
        if cursor := request.query_params.get("cursor"):
            waiting = waiting.filter(ticket_id__lt=int(cursor))
        limit = min(100, int(request.query_params.get("limit", 20)))
        tasks = list(waiting.order_by("-ticket_id")[: limit + 1])
        following = str(tasks[limit - 1].ticket_id) if len(tasks) > limit else None
        return Response({"results": RowOutput(tasks[:limit], many=True).data, "next": following})

    @transaction.atomic
    def post(self, request: Request) -> Response:
        ticket = Ticket.objects.create(applicant=request.user, **given(TicketInput, request))
        Task.objects.create(ticket=ticket, node="first", assignee=User.objects.get(username=FIRST))
        record(ticket, "ticket.submitted", request.user)
        return Response(TicketOutput(ticket).data, status=201)


class TicketView(APIView):
    def get(self, request: Request, number: str) -> Response:
        tickets = Ticket.objects.select_related("applicant").prefetch_related("tasks__assignee")
        return Response(PageOutput(get_object_or_404(tickets, number=number)).data)


class ApproveView(APIView):
    @transaction.atomic
    def post(self, request: Request, task_id: int) -> Response:
        task = get_object_or_404(Task, pk=task_id, assignee=request.user, state="pending")
        ticket = Ticket.objects.select_for_update(of=["self"]).select_related("applicant").get(pk=task.ticket_id)
        task.state, task.decided_at, task.comment = "approved", timezone.now(), given(DecisionInput, request)["comment"]
        task.save()
        Task.objects.create(ticket=ticket, node="second", assignee=User.objects.get(username=SECOND))
        ticket.version += 1
        ticket.save()
        record(ticket, "task.approved", request.user)
        return Response(TicketOutput(ticket).data)


class MeView(APIView):
    def get(self, request: Request) -> Response:
        counts = {
            "todo": Task.objects.filter(assignee=request.user, state="pending").count(),
            "mine": Ticket.objects.filter(applicant=request.user, state="approving").count(),
        }
        user = request.user
        return Response({"username": user.username, "name": user.first_name, "email": user.email, "counts": counts})
