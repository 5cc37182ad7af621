"""API of host groups."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller, origin
from accounts.api.idempotency import idempotent
from accounts.models import User
from automation.api import host_shapes as shapes
from automation.commands import groups as commands
from automation.errors import NoSuchGroup
from automation.hosts.audience import closed_to
from automation.queries.groups import groups
from common.asking import known
from common.inputs import checked
from common.paging import short_list
from common.schema import PART, listing


def shown(user: User, name: str | None = None) -> list[dict[str, Any]]:
    """All groups, or one, as this user may see them."""
    closed = closed_to(user)
    return [
        {
            **{key: getattr(group, key) for key in ("name", "description", "usable_by", "is_open", "updated_at")},
            "may_target": group.name not in closed,
            "hosts": hosts,
            "disabled": disabled,
        }
        for group, hosts, disabled in groups(name)
    ]


def one(user: User, name: str) -> dict[str, Any]:
    """One group. Raises NoSuchGroup."""
    found = shown(user, name)
    if not found:
        raise NoSuchGroup
    return found[0]


class GroupsView(APIView):
    """GET and POST groups."""

    @extend_schema(parameters=PART, responses=listing(shapes.GroupOutput))
    def get(self, request: Request) -> Response:
        """All groups with the number of their hosts and who may target them."""
        return Response(short_list(known(request, PART), shown(caller(request))))

    @extend_schema(request=shapes.GroupInput, responses={201: shapes.GroupOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Add a group."""
        given, user = checked(shapes.GroupInput, request.data), caller(request)
        commands.add_group(actor=user, at=timezone.now(), origin=origin(request), **given)
        return Response(one(user, given["name"]), status=201)


class GroupView(APIView):
    """GET, PATCH and DELETE groups/{name}."""

    @extend_schema(responses=shapes.GroupOutput)
    def get(self, request: Request, group: str) -> Response:
        """One group."""
        return Response(one(caller(request), group))

    @extend_schema(request=shapes.GroupChangeInput, responses=shapes.GroupOutput)
    @idempotent
    def patch(self, request: Request, group: str) -> Response:
        """Change a group's name, description, or who may target its hosts."""
        given, user = checked(shapes.GroupChangeInput, request.data), caller(request)
        row = commands.change_group(actor=user, name=group, changes=given, at=timezone.now(), origin=origin(request))
        return Response(one(user, row.name))

    @extend_schema(responses={204: None})
    @idempotent
    def delete(self, request: Request, group: str) -> Response:
        """Remove a group without hosts; otherwise 409 `group_in_use` says how many it has."""
        commands.remove_group(actor=caller(request), name=group, at=timezone.now(), origin=origin(request))
        return Response(status=204)


class GroupHostsView(APIView):
    """POST groups/{name}/hosts."""

    @extend_schema(request=shapes.MembersInput, responses=shapes.GroupOutput)
    @idempotent
    def post(self, request: Request, group: str) -> Response:
        """Add hosts to a group and remove others from it."""
        given, user = checked(shapes.MembersInput, request.data), caller(request)
        commands.change_members(
            actor=user, name=group, add=given.get("add", []), remove=given.get("remove", []), at=timezone.now(),
            origin=origin(request),
        )  # fmt: skip
        return Response(one(user, group))
