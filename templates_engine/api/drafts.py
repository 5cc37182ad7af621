"""API views of drafts: GET, PUT and DELETE templates/{key}/draft.

The ETag of an answer is the revision; If-Match of a request names the one that the caller started from (RFC 9110,
section 13.1.1). Without If-Match, PUT expects that nobody has saved a draft yet.
"""

import re

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller
from templates_engine.api import serializers as shapes
from templates_engine.api.parsers import YAML_PARSERS
from templates_engine.api.views import body
from templates_engine.errors import ChangedMeanwhile
from templates_engine.store import drafts

REVISION = re.compile(r'(?:W/)?"?(\d{1,9})"?')
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag of the draft that you changed; `*`: any."
)


def asked_revision(request: Request, default: int) -> int:
    """The revision in If-Match. Raises ChangedMeanwhile if it is none that we gave."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        return default
    if given == "*":
        return drafts.ANY
    found = REVISION.fullmatch(given)
    if found is None:
        raise ChangedMeanwhile
    return int(found[1])


def answer(draft: drafts.Opened) -> Response:
    """The draft, with its revision as ETag."""
    return Response(shapes.DraftOutput(draft).data, headers={"ETag": f'"{draft.revision}"'})


class DraftView(APIView):
    """GET, PUT, DELETE templates/{key}/draft."""

    parser_classes = YAML_PARSERS

    @extend_schema(responses=shapes.DraftOutput)
    def get(self, request: Request, key: str) -> Response:
        """The draft; if there is none, the newest version as revision 0."""
        return answer(drafts.opened(key, caller(request)))

    @extend_schema(parameters=[IF_MATCH], request={"application/yaml": OpenApiTypes.STR}, responses=shapes.DraftOutput)
    def put(self, request: Request, key: str) -> Response:
        """Save the draft, finished or not. 412 `changed_meanwhile` if it is not the one that you started from."""
        revision = asked_revision(request, default=0)
        kept = drafts.keep(key=key, text=body(request), revision=revision, actor=caller(request), at=timezone.now())
        return answer(kept)

    @extend_schema(parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, key: str) -> Response:
        """Discard the draft; versions stay."""
        drafts.discard(key=key, revision=asked_revision(request, default=drafts.ANY), actor=caller(request))
        return Response(status=204)
