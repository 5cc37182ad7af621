"""API views of publishing: publish now or later, take off offer, and the list of versions."""

from datetime import datetime
from typing import TypedDict

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller, origin
from accounts.api.idempotency import idempotent
from accounts.models import User
from accounts.permissions import PUBLISH, has_permission
from accounts.trail.acts import Origin
from common.asking import known
from common.inputs import checked
from common.paging import short_list
from common.schema import PART, listing, whole
from templates_engine.api import serializers as shapes
from templates_engine.api.drafts import IF_MATCH, asked_revision
from templates_engine.api.views import asked_version, imported
from templates_engine.store import commands, drafts, scheduling
from templates_engine.store.offering import require_publisher
from templates_engine.store.queries import require_readable
from templates_engine.store.versions import all_templates, versions_of

VERSION_TO_PUBLISH = whole("version", "As in the body. Default: the newest.")


class By(TypedDict):
    """Who asks, from where, and when: what every command here takes."""

    actor: User
    origin: Origin
    at: datetime


def by(request: Request) -> By:
    """Who asks, from where, and when."""
    return By(actor=caller(request), origin=origin(request), at=timezone.now())


class PublishView(APIView):
    """POST and DELETE templates/{key}/publish."""

    @extend_schema(
        request=shapes.PublishInput, parameters=[VERSION_TO_PUBLISH, IF_MATCH], responses=shapes.PublishOutput
    )
    @idempotent
    @transaction.atomic
    def post(self, request: Request, key: str) -> Response:
        """Publish a version (default: the newest) or the draft, now or later. Running tickets keep theirs."""
        given = checked(shapes.PublishInput, request.data)
        number = given.get("version", asked_version(request, [VERSION_TO_PUBLISH]))
        who = by(request)
        if given["draft"]:
            stored = drafts.store_draft(key=key, revision=asked_revision(request, default=drafts.ANY), **who)
            number = stored.version.number
        if given.get("at") and given["at"] > who["at"]:
            stored = commands.checked_version(key=key, number=number, actor=who["actor"])
            number = stored.version.number
            waiting = scheduling.schedule(key=key, number=number, note=given["note"], due_at=given["at"], **who)
            return Response(imported(stored) | {"publishes_at": waiting.due_at})
        stored = commands.publish(key=key, number=number, note=given["note"], **who)
        return Response(imported(stored) | {"publishes_at": None})

    @extend_schema(responses={204: None})
    def delete(self, request: Request, key: str) -> Response:
        """Cancel the publication that is scheduled."""
        scheduling.unschedule(key=key, **by(request))
        return Response(status=204)


class RetireView(APIView):
    """POST templates/{key}/retire."""

    @extend_schema(request=shapes.RetireInput, responses=shapes.RetireOutput)
    @idempotent
    def post(self, request: Request, key: str) -> Response:
        """Offer the template no more. Running tickets go on; publishing a version offers it again."""
        note = checked(shapes.RetireInput, request.data)["note"]
        who = by(request)
        version = commands.retire(key=key, note=note, **who)
        return Response({"key": key, "version": version.number, "published": False})


class StudioView(APIView):
    """GET studio/templates."""

    @extend_schema(parameters=PART, responses=listing(shapes.StudioTemplateOutput))
    def get(self, request: Request) -> Response:
        """All templates, published or not, and all drafts; for those who may publish."""
        require_publisher(caller(request))
        return Response(short_list(known(request, PART), all_templates()))


class VersionsView(APIView):
    """GET templates/{key}/versions."""

    @extend_schema(parameters=PART, responses=listing(shapes.VersionOutput))
    def get(self, request: Request, key: str) -> Response:
        """All versions, newest first."""
        require_readable(caller(request), key)
        plans = has_permission(caller(request), PUBLISH)
        return Response(short_list(known(request, PART), versions_of(key, plans=plans)))
