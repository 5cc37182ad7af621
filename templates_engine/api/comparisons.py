"""Two versions side by side: what changed, and what it would have changed for past tickets."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller
from templates_engine import queries, replay
from templates_engine.api import serializers as shapes
from templates_engine.api.parsers import YAML_PARSERS
from templates_engine.api.views import asked_version, body
from templates_engine.commands import require_publisher
from templates_engine.diff import compare

DEFAULT_LAST = 200


class DiffView(APIView):
    """GET templates/{key}/diff."""

    @extend_schema(
        parameters=[
            OpenApiParameter("from", int, description="Default: the published version."),
            OpenApiParameter("to", int, description="Default: the newest version."),
        ],
        responses=shapes.DiffOutput,
    )
    def get(self, request: Request, key: str) -> Response:
        """What changed between two versions, in words."""
        require_publisher(caller(request))
        old = queries.version_of(key, asked_version(request, "from"))
        number = asked_version(request, "to")
        new = queries.newest_version(key) if number is None else queries.version_of(key, number)
        return Response({"changes": [change.render() for change in compare(old.document, new.document)]})


class ReplayView(APIView):
    """POST templates/{key}/replay."""

    parser_classes = [*YAML_PARSERS, JSONParser]  # JSON: an empty body, beside `version`

    @extend_schema(
        request={"application/yaml": OpenApiTypes.STR},
        parameters=[
            OpenApiParameter("last", int, description="So many tickets, newest first: 1 to 1000, default 200."),
            OpenApiParameter("version", int, description="This stored version, and no document in the body."),
        ],
        responses=shapes.ReplayOutput,
    )
    def post(self, request: Request, key: str) -> Response:
        """Walk past tickets through a new version and list those whose chain would be another; nothing is stored."""
        viewer = caller(request)
        require_publisher(viewer)
        number = asked_version(request)
        queries.require_readable(viewer, key)
        text = body(request)
        new = replay.candidate(key, text) if number is None and isinstance(text, bytes) else replay.stored(key, number)
        done = replay.replay(new, _last(request), viewer)
        return Response({"checked": done.checked, "changed": [found.render() for found in done.changed]})


def _last(request: Request) -> int:
    given = request.query_params.get("last", "")
    return int(given) if given.isdecimal() and len(given) < 9 else DEFAULT_LAST
