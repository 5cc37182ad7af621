"""API of attachments: upload one file, download one file."""

from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller
from accounts.api.idempotency import idempotent, limited
from tickets.api.outputs import AttachmentOutput
from tickets.commands.upload import attach, upload
from tickets.files.names import disposition
from tickets.files.parsing import PART, OneFileParser, Upload, require_content
from tickets.files.reading import open_sound
from tickets.models import Attachment
from tickets.queries.attachments import get_readable

FORM = {
    "multipart/form-data": {
        "type": "object",
        "properties": {PART: {"type": "string", "format": "binary"}},
        "required": [PART],
    }
}
# Browsers open the bytes without scripts, forms or our origin (A42).
POLICY = "sandbox; default-src 'none'"


def given_file(request: Request) -> Upload:
    """The one file of the request; also checks requests without a body. Raises the parser's errors."""
    return require_content(request.FILES.get(PART))


def answer(row: Attachment) -> Response:
    """The response for a stored file."""
    shown = {"id": row.pk, "name": row.name, "size": row.size, "content_type": row.content_type}
    return Response(shown, status=201)


class AttachmentsView(APIView):
    """POST attachments."""

    parser_classes = [OneFileParser]

    @extend_schema(request=FORM, responses={201: AttachmentOutput})
    @idempotent
    @limited("uploads")
    def post(self, request: Request) -> Response:
        """Upload a file for a form. It is deleted after a day if no ticket uses it."""
        return answer(upload(file=given_file(request), actor=caller(request), at=timezone.now()))


class TicketAttachmentsView(APIView):
    """POST tickets/{number}/attachments."""

    parser_classes = [OneFileParser]

    @extend_schema(request=FORM, responses={201: AttachmentOutput})
    @idempotent
    @limited("uploads")
    def post(self, request: Request, number: str) -> Response:
        """Add a file to a ticket that is not finished."""
        row = attach(number=number, file=given_file(request), actor=caller(request), at=timezone.now())
        return answer(row)


class AttachmentView(APIView):
    """GET attachments/{id}."""

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, attachment_id: str) -> FileResponse:
        """Download the file."""
        row = get_readable(caller(request), attachment_id, timezone.now())
        found = FileResponse(open_sound(row), as_attachment=True, content_type="application/octet-stream")
        found["Content-Disposition"] = disposition(row.name)
        found["Content-Length"] = row.size
        found["Content-Security-Policy"] = POLICY
        found["X-Content-Type-Options"] = "nosniff"
        found["Cache-Control"] = "no-store"
        return found
