"""Dry runs and their predicted changes, over HTTP."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller
from accounts.api.idempotency import idempotent, limited
from accounts.models import User
from automation.dry_runs import repeat
from automation.dry_runs.queries import diff_of, last_of_job, last_of_plan
from automation.models.dry_run import DryRun
from automation.queries.jobs import get_job
from common.inputs import NothingInput, checked
from common.schema import TextField
from templates_engine.store.programs import load
from tickets.api.outputs import DryRunSummaryOutput, TicketOutput
from tickets.api.views import answer
from tickets.errors import NotFound
from tickets.models import Ticket
from tickets.models.content import Plan
from tickets.queries.detail import hidden_from
from tickets.queries.foreseen import sees_contents
from tickets.queries.visible import get_visible


class ForeseenItemOutput(serializers.Serializer[Any]):
    path = serializers.CharField(help_text="A file, or what else would change: service nginx, package curl")
    diff = serializers.CharField(help_text="A unified diff, or a sentence")


class ForeseenHostOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    status = serializers.CharField()
    changed = serializers.BooleanField()
    message = serializers.CharField()
    items = ForeseenItemOutput(many=True)
    unforeseen = serializers.ListField(child=serializers.CharField(), help_text="Steps that could not be foreseen")


class ForeseenOutput(serializers.Serializer[Any]):
    """The changes predicted by the last dry run of a plan; the state is `none` if there is none."""

    state = serializers.ChoiceField(["none", "waiting", "running", "done", "failed"])
    digest = serializers.CharField()
    summary = DryRunSummaryOutput(allow_null=True)
    words = TextField()
    message = serializers.CharField()
    hosts = ForeseenHostOutput(many=True)


class PlanDryRunView(APIView):
    """POST tickets/{number}/plans/{node}/dry_run."""

    @extend_schema(request=NothingInput, responses={202: TicketOutput})
    @idempotent
    @limited("runs")
    def post(self, request: Request, number: str, node: str) -> Response:
        """Run the dry run of this plan again; for its applicant, its current approvers, and operators."""
        checked(NothingInput, request.data)
        made = repeat.of_plan(number=number, node=node, actor=caller(request), at=timezone.now())
        response = answer(made.ticket, request)
        response.status_code = 202
        return response


class PlanDiffView(APIView):
    """GET tickets/{number}/plans/{node}/diff."""

    @extend_schema(responses=ForeseenOutput)
    def get(self, request: Request, number: str, node: str) -> Response:
        """The changes predicted by the last dry run of this plan, host by host."""
        now, user = timezone.now(), caller(request)
        ticket = get_visible(user, number, now)
        plan: Plan | None = ticket.content.plans.get(node) if ticket.content else None
        if plan is None:
            raise NotFound
        return Response(_shown(last_of_plan(ticket.pk, node, plan["digest"]), ticket, plan, user, now))


class JobDryRunView(APIView):
    """POST jobs/{id}/dry_run."""

    @extend_schema(request=NothingInput, responses={202: ForeseenOutput})
    @idempotent
    @limited("runs")
    def post(self, request: Request, job_id: int) -> Response:
        """Predict what this waiting or failed job would change now. Nothing waits for the result."""
        checked(NothingInput, request.data)
        repeat.of_job(job_id=job_id, actor=caller(request), at=timezone.now())
        return Response(_of_job(request, job_id), status=202)


class JobDiffView(APIView):
    """GET jobs/{id}/diff."""

    @extend_schema(responses=ForeseenOutput)
    def get(self, request: Request, job_id: int) -> Response:
        """The changes predicted by the last dry run of this job's plan, host by host."""
        return Response(_of_job(request, job_id))


def _of_job(request: Request, job_id: int) -> dict[str, Any]:
    now, user = timezone.now(), caller(request)
    job = get_job(user, job_id, now)
    return _shown(last_of_job(job), job.ticket, job.content.plans[job.node], user, now)


def _shown(run: DryRun | None, ticket: Ticket, plan: Plan, user: User, at: datetime) -> dict[str, Any]:
    program, hidden = load(ticket.template_version_id), hidden_from(user, ticket, at)
    return diff_of(run, program, plan, hidden, sees_contents=sees_contents(user, ticket, at))
