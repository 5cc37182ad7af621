"""API of actions: the catalogue, versions with their files, release and withdrawal, sync from the team's repository."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller, origin
from accounts.api.idempotency import idempotent, limited
from accounts.permissions import ACTIONS, has_permission
from automation.actions import releasing, sync
from automation.actions.library import library
from automation.api import render
from automation.api.serializers import ActionOutput
from automation.errors import NoSuchAction
from automation.models import ActionSync, ActionVersion
from automation.queries import actions as queries
from common.asking import choice, known
from common.compression import Compressed
from common.inputs import NothingInput, StrictSerializer, checked
from common.paging import short_list
from common.schema import PART, TextField, listing

ALL = OpenApiParameter("all", str, enum=["true", "false"], description="Also those that no ticket may use now.")
AGAINST = OpenApiParameter("against", str, description="Another version: `diff` says what changed from it to this one.")


class ActionVersionOutput(serializers.Serializer[Any]):
    """source: `shipped`, or the folder or repository; for a repository, `commit` is set too. is_sound: false if the
    row was changed in the database by something other than Baton; such a version never runs. released_by: null if it
    was released automatically."""

    version = serializers.CharField()
    state = serializers.ChoiceField(ActionVersion.State.choices)
    is_recalled = serializers.BooleanField()
    is_sound = serializers.BooleanField()
    source = serializers.CharField()  # type: ignore[assignment]  # the key of this name
    commit = serializers.CharField()
    note = serializers.CharField()
    found_at = serializers.DateTimeField()
    released_at = serializers.DateTimeField(allow_null=True)
    released_by = serializers.CharField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdrawn_by = serializers.CharField(allow_null=True)


class ActionDetailOutput(serializers.Serializer[Any]):
    """action: the version that new tickets use, or null. versions: empty without a right to release."""

    key = serializers.CharField()
    action = ActionOutput(allow_null=True)
    versions = ActionVersionOutput(many=True)
    allowed_actions = serializers.ListField(child=serializers.CharField())


class ActionFileOutput(serializers.Serializer[Any]):
    path = serializers.CharField()
    size = serializers.IntegerField()
    text = serializers.CharField(allow_null=True, help_text="Null for what is no text; never to be shown as HTML")


class ActionVersionDetailOutput(ActionVersionOutput):
    action = ActionOutput(allow_null=True)
    files = ActionFileOutput(many=True)
    diff = serializers.CharField(allow_null=True)


class ReleaseInput(StrictSerializer):
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class WithdrawInput(StrictSerializer):
    note = serializers.CharField(max_length=2000, allow_blank=True)
    recall = serializers.BooleanField(default=False, help_text="What was approved with it never begins either")


class SyncFindingOutput(serializers.Serializer[Any]):
    file = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)
    key = serializers.CharField()
    what = TextField()


class SyncVersionOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    version = serializers.CharField()


class SyncOutput(serializers.Serializer[Any]):
    """If there is any finding, nothing was stored. fresh: new versions, not yet released. gone: keys of released
    actions that the source no longer contains; they stay released."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(ActionSync.State.choices)
    source = serializers.CharField()  # type: ignore[assignment]  # the key of this name
    ref = serializers.CharField()
    commit = serializers.CharField()
    found = serializers.IntegerField()
    findings = SyncFindingOutput(many=True)
    fresh = SyncVersionOutput(many=True)
    gone = serializers.ListField(child=serializers.CharField())
    asked_by = serializers.CharField(allow_null=True)
    asked_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


def rendered_sync(row: ActionSync) -> dict[str, Any]:
    """One sync."""
    shown = ("id", "state", "source", "ref", "commit", "found", "findings", "fresh", "gone")
    times = ("asked_at", "started_at", "ended_at")
    return {name: getattr(row, name) for name in (*shown, *times)} | {
        "asked_by": row.asked_by.username if row.asked_by else None
    }


class ActionsView(Compressed):
    """GET actions."""

    @extend_schema(parameters=[*PART, ALL], responses=listing(ActionOutput))
    def get(self, request: Request) -> Response:
        """The catalogue of actions. all=true, for users who release: also actions without a released version."""
        query = known(request, [*PART, ALL])
        if choice(query, "all", ["true", "false"]) != "true":
            return Response(short_list(query, [render.action(found) for found in library().all()]))
        rows = [_newest(key) for key in queries.all_keys(caller(request))]
        return Response(short_list(query, [render.action(found) for found in rows if found is not None]))


def _newest(key: str) -> Any:
    used = library().action(key)
    if used is not None:
        return used
    row = ActionVersion.objects.filter(key=key).order_by("-found_at", "-pk").first()
    return queries.as_action(row) if row else None


class ActionView(APIView):
    """GET actions/{action}."""

    @extend_schema(responses=ActionDetailOutput)
    def get(self, request: Request, action: str) -> Response:
        """One action as new tickets use it; for users who release, with all its versions."""
        known(request, [])
        may_release = has_permission(caller(request), ACTIONS)
        used, rows = library().action(action), queries.versions_of(action) if may_release else []
        if used is None and not rows:
            raise NoSuchAction
        return Response(
            {
                "key": action,
                "action": render.action(used) if used else None,
                "versions": queries.with_acts(rows),
                "allowed_actions": ["release", "withdraw"] if may_release else [],
            }
        )


def detail(row: ActionVersion, against: ActionVersion | None) -> dict[str, Any]:
    """One version with its files, and the difference from `against` to it."""
    files, action = queries.files_of(row), queries.as_action(row)
    return {
        **queries.with_acts([row])[0],
        "action": render.action(action) if action else None,
        "files": queries.shown_files(files),
        "diff": queries.difference(queries.files_of(against), files) if against else None,
    }


class ActionVersionView(APIView):
    """GET actions/{action}/versions/{version}."""

    @extend_schema(parameters=[AGAINST], responses=ActionVersionDetailOutput)
    def get(self, request: Request, action: str, version: str) -> Response:
        """One version with its files as text, for users who release. version: at least its first 12 digits."""
        releasing.require_releaser(caller(request))
        against = known(request, [AGAINST]).get("against")
        other = releasing.find_version(action, against) if against else None
        return Response(detail(releasing.find_version(action, version), other))


class ReleaseView(APIView):
    """POST actions/{action}/versions/{version}/release."""

    @extend_schema(request=ReleaseInput, responses=ActionVersionDetailOutput)
    @idempotent
    def post(self, request: Request, action: str, version: str) -> Response:
        """Let new tickets use this version; open tickets keep the version they have."""
        given = checked(ReleaseInput, request.data)
        row = releasing.release(key=action, version=version, actor=caller(request), origin=origin(request), **given)
        return Response(detail(row, None))


class WithdrawView(APIView):
    """POST actions/{action}/versions/{version}/withdraw."""

    @extend_schema(request=WithdrawInput, responses=ActionVersionDetailOutput)
    @idempotent
    def post(self, request: Request, action: str, version: str) -> Response:
        """Let no new ticket use this version; with `recall`, approved plans with it do not start either."""
        given = checked(WithdrawInput, request.data)
        row = releasing.withdraw(key=action, version=version, actor=caller(request), origin=origin(request), **given)
        return Response(detail(row, None))


class SyncView(APIView):
    """GET and POST actions/sync."""

    @extend_schema(parameters=PART, responses=listing(SyncOutput))
    def get(self, request: Request) -> Response:
        """The last syncs of the repository, newest first, for users who release."""
        releasing.require_releaser(caller(request))
        rows = ActionSync.objects.select_related("asked_by").order_by("-pk")
        return Response(short_list(known(request, PART), [rendered_sync(row) for row in rows]))

    @extend_schema(request=NothingInput, responses={202: SyncOutput})
    @idempotent
    @limited("runs")
    def post(self, request: Request) -> Response:
        """Ask the executor to sync the repository now. Find the result later in the list, by the answer's `id`."""
        checked(NothingInput, request.data)
        releasing.require_releaser(caller(request))
        return Response(rendered_sync(sync.ask(caller(request))), status=202)
