"""API of the inventory: hosts, import and export."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller, origin
from accounts.access.quotas import spend
from accounts.api.idempotency import idempotent, limited
from accounts.permissions import OPERATE, has_permission
from accounts.trail.acts import Kind, record
from automation.api import host_shapes as shapes
from automation.api.host_render import host_page, one_host
from automation.commands import hosts as commands
from automation.commands.host_checks import ask_for_check
from automation.commands.importing import import_hosts, read_or_refuse, shown
from automation.inventory.entry import HostEntry
from automation.inventory.export import EXPORTS
from automation.inventory.parse import FORMATS, guess, parse, parse_bytes
from automation.models import Host
from automation.models.host import Connection
from automation.queries import hosts as queries
from common.asking import choice, flag, known
from common.inputs import checked
from common.paging import page
from common.schema import PAGING
from tickets.files.parsing import PART, OneFileParser, require_content

NAMES_MAX = 100
BOOLEAN = ["true", "false"]
CHECKS = [*filter(None, Host.Check.values), "never"]
FILTERS = [
    OpenApiParameter("q", str, description="Part of a name; for operators also of an address or a minion id."),
    OpenApiParameter("group", str, description="The name of a group."),
    OpenApiParameter("label", str, description="`key`, or `key=value`."),
    OpenApiParameter("site", str, description="The name of a site; empty: the main one."),
    OpenApiParameter("connection", str, enum=Connection.values),
    OpenApiParameter("check", str, enum=CHECKS),
    OpenApiParameter("disabled", str, enum=BOOLEAN),
    OpenApiParameter("targetable", str, enum=["true"], description="Only what my tickets may target."),
    OpenApiParameter("names", str, description=f"Exactly these, separated by commas; at most {NAMES_MAX}."),
]
LIST = [*PAGING, *FILTERS, OpenApiParameter("total", str, enum=["true"], description="With `totals`.")]
EXPORT = [*FILTERS, OpenApiParameter("format", str, enum=sorted(EXPORTS), description="Default: ini.")]
FORCE = [OpenApiParameter("force", str, enum=BOOLEAN, description="Also while open tickets or jobs name it.")]
UPLOAD = [
    OpenApiParameter("format", str, enum=list(FORMATS), description="Of a file; default: by its name or looks."),
    OpenApiParameter("dry_run", str, enum=BOOLEAN, description="Of a file: only say what would change."),
]
IMPORT = {
    "application/json": shapes.HostImportInput,
    "multipart/form-data": {
        "type": "object",
        "properties": {PART: {"type": "string", "format": "binary"}},
        "required": [PART],
    },
}


def filters_of(query: Any) -> dict[str, Any]:
    """The filters of a query, in the shape of automation.queries.hosts.matching. Raises ValidationError."""
    names = query.get("names")
    wanted = [name for name in names.split(",") if name][:NAMES_MAX] if names is not None else None
    disabled = choice(query, "disabled", BOOLEAN)
    return {
        **{key: query.get(key) for key in ("q", "group", "label", "site")},
        "connection": choice(query, "connection", Connection.values),
        "check": choice(query, "check", CHECKS),
        "disabled": None if disabled is None else disabled == "true",
        "targetable": choice(query, "targetable", ["true"]) is not None,
        "names": wanted,
    }


class HostsView(APIView):
    """GET and POST hosts."""

    @extend_schema(parameters=LIST, responses=shapes.HostsPage)
    def get(self, request: Request) -> Response:
        """The hosts, ordered by name."""
        query = known(request, LIST)
        user, asked = caller(request), page(query, key_type=str)
        operates = has_permission(user, OPERATE)
        rows = queries.matching(filters_of(query), user=user, operates=operates)
        return Response(host_page(rows, asked, user, operates=operates, total=flag(query, "total")))

    @extend_schema(request=shapes.HostInput, responses={201: shapes.HostOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Add a host."""
        entry, user = HostEntry(**checked(shapes.HostInput, request.data)), caller(request)
        commands.add_host(actor=user, entry=entry, at=timezone.now(), origin=origin(request))
        return Response(one_host(entry.name, user), status=201)


class HostView(APIView):
    """GET, PATCH and DELETE hosts/{name}."""

    @extend_schema(responses=shapes.HostOutput)
    def get(self, request: Request, name: str) -> Response:
        """One host."""
        return Response(one_host(name, caller(request)))

    @extend_schema(request=shapes.HostChangeInput, responses=shapes.HostOutput)
    @idempotent
    def patch(self, request: Request, name: str) -> Response:
        """Change, disable or enable a host. Existing plans keep its old data."""
        given = checked(shapes.HostChangeInput, request.data)
        if "vars" in given:
            given["variables"] = given.pop("vars")
        if "disabled" in given:
            given["is_active"] = not given.pop("disabled")
        user = caller(request)
        commands.change_host(actor=user, name=name, changes=given, at=timezone.now(), origin=origin(request))
        return Response(one_host(name, user))

    @extend_schema(parameters=FORCE, responses={204: None})
    @idempotent
    def delete(self, request: Request, name: str) -> Response:
        """Remove a host; 409 `host_in_use` lists what uses it. Existing plans have their own copy and continue."""
        force = flag(known(request, FORCE), "force")
        commands.remove_host(actor=caller(request), name=name, force=force, at=timezone.now(), origin=origin(request))
        return Response(status=204)


class HostImpactView(APIView):
    """GET hosts/{name}/impact."""

    @extend_schema(responses=shapes.HostImpactOutput)
    def get(self, request: Request, name: str) -> Response:
        """The open tickets and unfinished jobs that use this host."""
        user = caller(request)
        commands.require_operator(user)
        return Response(queries.impact(queries.get_host(name), user, timezone.now()))


class HostsImportView(APIView):
    """POST hosts/import."""

    parser_classes = [JSONParser, OneFileParser]

    @extend_schema(parameters=UPLOAD, request=IMPORT, responses=shapes.HostImportOutput)
    @idempotent
    @limited("uploads")
    def post(self, request: Request) -> Response:
        """Add and update hosts from an inventory, all or none; `dry_run` only says what would change.

        Formats: Ansible inventories (ini, yaml, and script: the `--list` output of a dynamic inventory), Salt keys
        and grains (salt), tables (csv, xlsx). A file is only read, never executed.
        """
        user = caller(request)
        commands.require_operator(user)
        query = known(request, UPLOAD)
        if PART in request.FILES:
            kind, dry_run = choice(query, "format", list(FORMATS)), flag(query, "dry_run")
            file = require_content(request.FILES.get(PART))
            found = read_or_refuse(lambda: parse_bytes(file.read(), kind, file.name or ""))
        else:
            given = checked(shapes.HostImportInput, request.data)
            kind, dry_run = given.get("format") or guess(given["text"]), given["dry_run"]
            found = read_or_refuse(lambda: parse(given["text"], kind))
        outcome = import_hosts(
            actor=user, found=found, at=timezone.now(), origin=origin(request), dry_run=dry_run,
            said={"source": "", "format": kind},
        )  # fmt: skip
        return Response(shown(outcome, dry_run=dry_run))


class HostsExportView(APIView):
    """GET hosts/export."""

    @extend_schema(
        parameters=EXPORT,
        responses={(200, "text/plain"): OpenApiResponse(OpenApiTypes.STR), (200, "text/csv"): OpenApiTypes.STR},
    )
    @transaction.atomic
    def get(self, request: Request) -> HttpResponse:
        """The hosts that match the filters, as a file that `hosts/import` can read back unchanged."""
        user = caller(request)
        commands.require_operator(user)
        query = known(request, EXPORT)
        spend("exports", request)
        kind = choice(query, "format", sorted(EXPORTS)) or "ini"
        hosts = list(queries.matching(filters_of(query), user=user, operates=True))
        write, content_type = EXPORTS[kind]
        asked = {key: value for key, value in query.items() if value}
        record(
            Kind.HOSTS_EXPORTED, actor=user, origin=origin(request), at=timezone.now(), about="hosts",
            data={"format": kind, "filters": asked, "hosts": len(hosts)},
        )  # fmt: skip
        answer = HttpResponse(write(hosts), content_type=content_type)
        answer["Content-Disposition"] = f'attachment; filename="hosts.{kind}"'
        return answer


class HostsCheckView(APIView):
    """POST hosts/check."""

    @extend_schema(request=shapes.HostCheckInput, responses={202: shapes.HostCheckOutput})
    @idempotent
    @limited("runs")
    def post(self, request: Request) -> Response:
        """Ask the executor to check whether these hosts answer. The result and its time are stored on each host."""
        given = checked(shapes.HostCheckInput, request.data)
        return Response({"asked": ask_for_check(actor=caller(request), names=given["names"])}, status=202)


class InventoryView(APIView):
    """GET inventory."""

    @extend_schema(responses=shapes.InventoryOutput)
    def get(self, request: Request) -> Response:
        """Counts of the inventory, and the sites and labels for its filters."""
        known(request, [])
        return Response({"totals": queries.totals(Host.objects.all()), **queries.facets()})
