"""API of accounts: log-in, own profile, tokens, directory, proxies."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import commands, queries
from accounts.access import devices, guessing
from accounts.access.authentication import caller, origin
from accounts.access.quotas import spend
from accounts.access.sessions import USER_KEY
from accounts.api import serializers as shapes
from accounts.api.beside import ReadsBeside
from accounts.api.idempotency import idempotent, limited
from accounts.errors import BadCredentials, ForeignOrigin, NoSuchThing
from accounts.fragments import Fragment, read
from accounts.models import ApiToken, Department, Role
from common.address import client_address
from common.asking import Declared, known
from common.compression import Compressed
from common.inputs import NothingInput, checked
from common.paging import short_list
from common.schema import PART, listing

PEOPLE = [*PART, OpenApiParameter("q", str, description="Part of a username or of a name.")]
PROXIES: list[Declared] = [*PART, shapes.ProxyFilters]


def me(request: Request) -> dict[str, Any]:
    """The profile of the caller, read anew."""
    now = timezone.now()
    return queries.profile(caller(request), now, read(queries.profiling(now), caller(request)))


def require_own_origin(request: Request) -> None:
    """A log-in needs no CSRF token, so its Origin, if sent, must be ours (A08)."""
    origin = request.headers.get("Origin")
    if origin is None:
        return
    host = urlsplit(origin).netloc
    if origin not in settings.CSRF_TRUSTED_ORIGINS and host != request.get_host():
        raise ForeignOrigin


@method_decorator(csrf_exempt, name="dispatch")
class LoginView(APIView):
    """POST auth/login."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=shapes.LoginInput, responses=shapes.ProfileOutput)
    def post(self, request: Request) -> Response:
        """Log in; sets the session cookie and the CSRF token."""
        require_own_origin(request)
        given = checked(shapes.LoginInput, request.data)
        django_request, username = request._request, given["username"]
        device = devices.known(django_request, username)
        attempt = guessing.admit(username, client_address(django_request), device)
        user = authenticate(django_request, **given)
        if user is None:
            guessing.failed(attempt)
            raise BadCredentials
        guessing.succeeded(attempt)
        if django_request.session.get(USER_KEY):
            django_request.session.flush()  # Django would keep the session if the same person logs in twice
        login(django_request, user, backend="accounts.backends.PasswordBackend")
        get_token(django_request)
        request.user = user
        response = Response(me(request))
        devices.remember(django_request, response, username)
        return response


class LogoutView(APIView):
    """POST auth/logout."""

    @extend_schema(request=NothingInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """End this session."""
        checked(NothingInput, request.data)
        logout(request._request)
        return Response(status=204)


class MeView(ReadsBeside):
    """GET, PATCH me."""

    def fragment(self, request: Request) -> Fragment:  # noqa: ARG002 (the same for every request)
        """The profile is read with the session."""
        return queries.profiling(timezone.now())

    @extend_schema(responses=shapes.ProfileOutput)
    def get(self, request: Request) -> Response:
        """Show my profile and permissions."""
        return Response(queries.profile(caller(request), timezone.now(), self.found(request)))

    @extend_schema(request=shapes.ProfileInput, responses=shapes.ProfileOutput)
    def patch(self, request: Request) -> Response:
        """Change my language."""
        user = caller(request)
        user.language = checked(shapes.ProfileInput, request.data)["language"]
        user.save(update_fields=["language"])
        return Response(me(request))


def token_row(token: ApiToken) -> dict[str, Any]:
    """A token as shown in lists, without its secret."""
    return {
        "id": token.pk,
        "name": token.name,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
    }


class TokensView(APIView):
    """GET, POST me/tokens."""

    @extend_schema(parameters=PART, responses=listing(shapes.TokenOutput))
    def get(self, request: Request) -> Response:
        """List my tokens."""
        tokens = caller(request).tokens.order_by("pk")
        return Response(short_list(known(request, PART), [token_row(token) for token in tokens]))

    @extend_schema(request=shapes.TokenInput, responses={201: shapes.NewTokenOutput})
    def post(self, request: Request) -> Response:
        """Create a token. Its secret is shown once and never stored; therefore Idempotency-Key is ignored."""
        spend("tokens", request)
        token, secret = commands.create_token(user=caller(request), **checked(shapes.TokenInput, request.data))
        return Response(token_row(token) | {"token": secret}, status=201)


class TokenView(APIView):
    """DELETE me/tokens/{id}."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: int) -> Response:
        """Delete a token; it ends at once."""
        deleted, _rows = caller(request).tokens.filter(pk=token_id).delete()
        if not deleted:
            raise NoSuchThing
        return Response(status=204)


class UsersView(Compressed):
    """GET users."""

    @extend_schema(parameters=PEOPLE, responses=listing(shapes.UserOutput))
    def get(self, request: Request) -> Response:
        """List the first hundred active people whose username or name contains `q`."""
        query = known(request, PEOPLE)
        return Response(short_list(query, queries.find_users(query.get("q", ""), 100)))


class DepartmentsView(Compressed):
    """GET departments."""

    @extend_schema(parameters=PART, responses=listing(shapes.DepartmentRowOutput))
    def get(self, request: Request) -> Response:
        """List all departments, each with its parent's key."""
        rows = Department.objects.order_by("id").values("key", "name", "parent__key", "head__username")
        results = [
            {"key": r["key"], "name": r["name"], "parent": r["parent__key"], "head": r["head__username"]} for r in rows
        ]
        return Response(short_list(known(request, PART), results))


class RolesView(APIView):
    """GET roles."""

    @extend_schema(parameters=PART, responses=listing(shapes.RoleOutput))
    def get(self, request: Request) -> Response:
        """List all roles."""
        return Response(short_list(known(request, PART), list(Role.objects.order_by("key").values("key", "name"))))


class ProxiesView(APIView):
    """GET, POST proxies."""

    @extend_schema(parameters=PROXIES, responses=listing(shapes.ProxyOutput))
    def get(self, request: Request) -> Response:
        """List the proxies I gave or hold, newest first; administrators see all."""
        query = known(request, PROXIES)
        window = checked(shapes.ProxyFilters, {name: query[name] for name in ("from", "to") if name in query})
        rows = queries.proxies_of(caller(request), since=window.get("from"), until=window.get("to"))
        return Response(short_list(query, rows))

    @extend_schema(request=shapes.ProxyInput, responses={201: shapes.ProxyOutput})
    @idempotent
    @limited("proxies")
    def post(self, request: Request) -> Response:
        """Name a proxy who decides for me in a window."""
        given = {"principal": None} | checked(shapes.ProxyInput, request.data)
        proxy = commands.grant_proxy(actor=caller(request), at=timezone.now(), origin=origin(request), **given)
        return Response(queries.proxy_row(proxy), status=201)


class ProxyView(APIView):
    """PATCH, DELETE proxies/{id}."""

    @extend_schema(request=shapes.ProxyChange, responses=shapes.ProxyOutput)
    def patch(self, request: Request, proxy_id: int) -> Response:
        """Change a proxy that has not ended."""
        spend("proxies", request)
        given = checked(shapes.ProxyChange, request.data)
        proxy = commands.change_proxy(
            actor=caller(request), proxy_id=proxy_id, at=timezone.now(), origin=origin(request), **given
        )
        return Response(queries.proxy_row(proxy))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, proxy_id: int) -> Response:
        """End a proxy now."""
        commands.revoke_proxy(actor=caller(request), proxy_id=proxy_id, at=timezone.now(), origin=origin(request))
        return Response(status=204)
