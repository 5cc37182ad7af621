"""Log-in, me, tokens, the directory, proxies."""

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

from accounts import commands, devices, guessing, queries
from accounts.api import serializers as shapes
from accounts.api.idempotency import idempotent, limited
from accounts.authentication import caller, origin
from accounts.errors import BadCredentials, ForeignOrigin, NoSuchThing
from accounts.models import ApiToken, Department, Role
from accounts.ports import counts_of
from accounts.quotas import spend
from accounts.sessions import USER_KEY
from config.address import client_address
from config.asking import Declared, known
from config.inputs import NothingInput, checked
from config.paging import short_list
from config.schema import PART, listing

PEOPLE = [*PART, OpenApiParameter("q", str, description="Part of a username or of a name.")]
PROXIES: list[Declared] = [*PART, shapes.ProxyFilters]


def me(request: Request) -> dict[str, Any]:
    """The profile of the caller, with the counts that the app's menu shows."""
    now = timezone.now()
    return queries.profile(caller(request), now) | {"counts": counts_of(caller(request), now)}


def require_own_origin(request: Request) -> None:
    """A log-in needs no CSRF token, so its Origin must be ours where the browser names one (A8)."""
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
        """Log in: session cookie and CSRF token."""
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
            django_request.session.flush()  # Django would keep the session of somebody who logs in twice
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


class MeView(APIView):
    """GET, PATCH me."""

    @extend_schema(responses=shapes.ProfileOutput)
    def get(self, request: Request) -> Response:
        """Who I am and what I may do."""
        return Response(me(request))

    @extend_schema(request=shapes.ProfileInput, responses=shapes.ProfileOutput)
    def patch(self, request: Request) -> Response:
        """Change my language."""
        user = caller(request)
        user.language = checked(shapes.ProfileInput, request.data)["language"]
        user.save(update_fields=["language"])
        return Response(me(request))


def token_row(token: ApiToken) -> dict[str, Any]:
    """A token as lists show it; never its secret."""
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
        """My tokens."""
        tokens = caller(request).tokens.order_by("pk")
        return Response(short_list(known(request, PART), [token_row(token) for token in tokens]))

    @extend_schema(request=shapes.TokenInput, responses={201: shapes.NewTokenOutput})
    def post(self, request: Request) -> Response:
        """A new token. Its secret is shown this once; an Idempotency-Key is not honoured, so it is stored nowhere."""
        spend("tokens", request)
        token, secret = commands.create_token(user=caller(request), **checked(shapes.TokenInput, request.data))
        return Response(token_row(token) | {"token": secret}, status=201)


class TokenView(APIView):
    """DELETE me/tokens/{id}."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: int) -> Response:
        """End a token at once."""
        deleted, _rows = caller(request).tokens.filter(pk=token_id).delete()
        if not deleted:
            raise NoSuchThing
        return Response(status=204)


class UsersView(APIView):
    """GET users."""

    @extend_schema(parameters=PEOPLE, responses=listing(shapes.UserOutput))
    def get(self, request: Request) -> Response:
        """The first hundred active people whose username or name holds `q`."""
        query = known(request, PEOPLE)
        return Response(short_list(query, queries.find_users(query.get("q", ""), 100)))


class DepartmentsView(APIView):
    """GET departments."""

    @extend_schema(parameters=PART, responses=listing(shapes.DepartmentRowOutput))
    def get(self, request: Request) -> Response:
        """The tree, as rows with their parents' keys."""
        rows = Department.objects.order_by("id").values("key", "name", "parent__key", "head__username")
        results = [
            {"key": r["key"], "name": r["name"], "parent": r["parent__key"], "head": r["head__username"]} for r in rows
        ]
        return Response(short_list(known(request, PART), results))


class RolesView(APIView):
    """GET roles."""

    @extend_schema(parameters=PART, responses=listing(shapes.RoleOutput))
    def get(self, request: Request) -> Response:
        """The roles."""
        return Response(short_list(known(request, PART), list(Role.objects.order_by("key").values("key", "name"))))


class ProxiesView(APIView):
    """GET, POST proxies."""

    @extend_schema(parameters=PROXIES, responses=listing(shapes.ProxyOutput))
    def get(self, request: Request) -> Response:
        """The proxies I gave or hold, newest first; administrators see everybody's."""
        query = known(request, PROXIES)
        window = checked(shapes.ProxyFilters, {name: query[name] for name in ("from", "to") if name in query})
        rows = queries.proxies_of(caller(request), since=window.get("from"), until=window.get("to"))
        return Response(short_list(query, rows))

    @extend_schema(request=shapes.ProxyInput, responses={201: shapes.ProxyOutput})
    @idempotent
    @limited("proxies")
    def post(self, request: Request) -> Response:
        """Name somebody who decides for me in a window."""
        given = {"principal": None} | checked(shapes.ProxyInput, request.data)
        proxy = commands.grant_proxy(actor=caller(request), at=timezone.now(), origin=origin(request), **given)
        return Response(queries.proxy_row(proxy), status=201)


class ProxyView(APIView):
    """PATCH, DELETE proxies/{id}."""

    @extend_schema(request=shapes.ProxyChange, responses=shapes.ProxyOutput)
    def patch(self, request: Request, proxy_id: int) -> Response:
        """Change what is given of one that has not ended."""
        spend("proxies", request)
        given = checked(shapes.ProxyChange, request.data)
        proxy = commands.change_proxy(
            actor=caller(request), proxy_id=proxy_id, at=timezone.now(), origin=origin(request), **given
        )
        return Response(queries.proxy_row(proxy))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, proxy_id: int) -> Response:
        """End it now."""
        commands.revoke_proxy(actor=caller(request), proxy_id=proxy_id, at=timezone.now(), origin=origin(request))
        return Response(status=204)
