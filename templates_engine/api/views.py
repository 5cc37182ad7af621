"""API views of templates: list, check, import, export, publish, simulate."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller, origin
from accounts.api.idempotency import idempotent
from common.asking import known
from common.compression import Compressed
from common.inputs import checked
from common.paging import short_list
from common.schema import PART, listing, whole
from templates_engine.api import serializers as shapes
from templates_engine.api.parsers import YAML_PARSERS
from templates_engine.errors import NoSuchTemplate
from templates_engine.forms.values import json_schema
from templates_engine.models import TemplateVersion
from templates_engine.program.diagram import diagram
from templates_engine.store import commands, queries

VERSION = whole("version", "Default: the published version, else the newest.")
PUBLISH = OpenApiParameter("publish", bool, description="Offer it from now on. Default: false.")
# For the schema. The response is the author's text, byte for byte.
DOCUMENT = {"type": "object", "description": "The template as YAML text, byte for byte as imported."}
LONGEST_VERSION = 9
PUBLISHED = TemplateVersion.State.PUBLISHED


def card(version: TemplateVersion) -> dict[str, Any]:
    """A template as responses show it; texts, form and chain as the author wrote them."""
    document = version.document
    return {
        "key": version.template.key,
        "name": document["name"],
        "category": document.get("category", ""),
        "description": document.get("description", ""),
        "version": version.number,
        "form": document["form"],
        "chain": document["chain"],
    }


def body(request: Request) -> bytes:
    """The document's bytes from YamlParser; b"" if the body is empty."""
    return request.data if isinstance(request.data, bytes) else b""


def asked_version(request: Request, parameters: list[OpenApiParameter], name: str = "version") -> int | None:
    """The version in the query. Raises NoSuchTemplate if it is no number, ValidationError for other parameters."""
    given = known(request, parameters).get(name)
    if given is None:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= LONGEST_VERSION):
        raise NoSuchTemplate
    return int(given)


class TemplatesView(Compressed):
    """GET templates."""

    @extend_schema(parameters=PART, responses=listing(shapes.TemplateOutput))
    def get(self, request: Request) -> Response:
        """The templates that the caller may use."""
        usable = [card(version) for version in queries.usable_templates(caller(request))]
        return Response(short_list(known(request, PART), usable))


class TemplateView(Compressed):
    """GET templates/{key}."""

    @extend_schema(responses=shapes.TemplateDetailOutput)
    def get(self, request: Request, key: str) -> Response:
        """One template, with the JSON Schema of a complete form."""
        version = queries.usable_template(caller(request), key)
        form, rating = version.document["form"], version.document.get("rating", False)
        return Response(card(version) | {"schema": json_schema(form), "rating": rating})


class CheckView(APIView):
    """POST templates/check."""

    parser_classes = YAML_PARSERS

    @extend_schema(request={"application/yaml": OpenApiTypes.STR}, responses=shapes.CheckOutput)
    def post(self, request: Request) -> Response:
        """Check a document and return every finding with its path. Nothing is stored."""
        found = commands.check(body(request))
        return Response(
            {
                "ok": found.ok,
                "errors": [finding.render() for finding in found.errors],
                "warnings": [finding.render() for finding in found.warnings],
                "mermaid": diagram(found.document) if found.ok and found.document else "",
            }
        )


class ImportView(APIView):
    """POST templates/import."""

    parser_classes = YAML_PARSERS

    @extend_schema(
        request={"application/yaml": OpenApiTypes.STR},
        parameters=[PUBLISH],
        responses={201: shapes.ImportOutput},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Store a document as the next version; with `publish=true` publish it too."""
        publish = checked(shapes.ImportQuery, known(request, [PUBLISH]).dict())["publish"]
        stored = commands.import_template(
            text=body(request),
            actor=caller(request),
            at=timezone.now(),
            publish_it=publish,
            origin=origin(request),
        )
        return Response(imported(stored), status=201)


def imported(stored: commands.Stored) -> dict[str, Any]:
    """The response. warnings: as of today."""
    version = stored.version
    return {
        "key": version.template.key,
        "version": version.number,
        "published": version.state == PUBLISHED,
        "warnings": [finding.render() for finding in stored.warnings],
    }


class ExportView(APIView):
    """GET templates/{key}/export."""

    @extend_schema(parameters=[VERSION], responses={(200, "application/yaml"): DOCUMENT})
    def get(self, request: Request, key: str) -> HttpResponse:
        """The document of a version, byte for byte as it was imported."""
        version = queries.readable_version(caller(request), key, asked_version(request, [VERSION]))
        answer = HttpResponse(version.source, content_type="application/yaml; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{version.template.key}-v{version.number}.yaml"'
        return answer


class SimulateView(APIView):
    """POST templates/{key}/simulate."""

    @extend_schema(request=shapes.SimulateInput, responses=shapes.SimulateOutput)
    def post(self, request: Request, key: str) -> Response:
        """For these form values: who would act and why, which fields are shown, and what is wrong."""
        given = checked(shapes.SimulateInput, request.data)
        number = given.get("version")
        me = caller(request)
        version = queries.readable_version(me, key, number) if number else queries.usable_template(me, key)
        applicant = caller(request)
        if given.get("applicant", applicant.username) != applicant.username:
            applicant = queries.applicant_named(given["applicant"])
        answer = queries.simulate(
            version.pk,
            form=given["form"],
            applicant=applicant,
            priority=given["priority"],
            title=given["title"],
            chosen=given.get("chosen"),
            at=given.get("at"),
        )
        return Response(answer)
