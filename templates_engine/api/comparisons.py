"""API views that compare two versions: what changed, and the effect on past tickets."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller
from common.asking import number as whole_number
from common.schema import whole
from templates_engine.api import serializers as shapes
from templates_engine.api.parsers import YAML_PARSERS
from templates_engine.api.views import asked_version, body
from templates_engine.compare import replay
from templates_engine.compare.diff import compare
from templates_engine.store import queries
from templates_engine.store.offering import require_publisher

DEFAULT_LAST, MOST = 200, 1000
SIDES = [whole("from", "Default: the published version."), whole("to", "Default: the newest version.")]
REPLAYED = [
    whole("last", "Number of tickets, newest first.", 1, MOST, DEFAULT_LAST),
    whole("version", "This stored version, and no document in the body."),
]


class DiffView(APIView):
    """GET templates/{key}/diff."""

    @extend_schema(
        parameters=SIDES,
        responses=shapes.DiffOutput,
    )
    def get(self, request: Request, key: str) -> Response:
        """What changed between two versions, in words."""
        require_publisher(caller(request))
        old = queries.version_of(key, asked_version(request, SIDES, "from"))
        number = asked_version(request, SIDES, "to")
        new = queries.newest_version(key) if number is None else queries.version_of(key, number)
        return Response({"changes": [change.render() for change in compare(old.document, new.document)]})


class ReplayView(APIView):
    """POST templates/{key}/replay."""

    parser_classes = [*YAML_PARSERS, JSONParser]  # JSON: for an empty body with `version`

    @extend_schema(
        request={"application/yaml": OpenApiTypes.STR},
        parameters=REPLAYED,
        responses=shapes.ReplayOutput,
    )
    def post(self, request: Request, key: str) -> Response:
        """Run past tickets through a new version and list those whose chain would differ. Nothing is stored."""
        viewer = caller(request)
        require_publisher(viewer)
        number = asked_version(request, REPLAYED)
        queries.require_readable(viewer, key)
        text = body(request)
        new = replay.candidate(key, text) if number is None and isinstance(text, bytes) else replay.stored(key, number)
        done = replay.replay(new, whole_number(request.query_params, "last", 1, MOST, DEFAULT_LAST), viewer)
        return Response({"checked": done.checked, "changed": [found.render() for found in done.changed]})
