"""API of credentials: they can be stored, changed and removed, but their secrets cannot be read."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller, origin
from accounts.api.idempotency import idempotent
from automation.actions.document import Action
from automation.credentials import store
from automation.credentials.queries import used_by
from automation.models import Credential
from automation.models.credential import Kind
from common.asking import known
from common.inputs import StrictSerializer, checked
from common.paging import short_list
from common.schema import PART, TextField, listing
from common.sealed_box import key_id


class VaultReference(StrictSerializer):
    mount = serializers.CharField(max_length=512, help_text="Where the key/value store (version 2) is mounted")
    path = serializers.CharField(max_length=512, help_text="The secret's path in it")
    fields = serializers.DictField(  # type: ignore[assignment]  # the key of this name
        child=serializers.CharField(max_length=512), help_text="Field of the kind → the key that holds it there"
    )


SECRET = serializers.DictField(
    child=serializers.CharField(trim_whitespace=False, allow_blank=True),
    required=False,
    write_only=True,
    help_text="All fields of its kind: `ssh_key` private_key, passphrase?; `password` username, password; "
    "`vault_password` password; `salt_api` username, password, eauth; `token` token",
)


class CredentialInput(StrictSerializer):
    """Give either `secret` or `vault`."""

    name = serializers.CharField(max_length=64)
    kind = serializers.ChoiceField(Kind.choices)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True)
    secret = SECRET
    vault = VaultReference(required=False)


class CredentialChange(StrictSerializer):
    """Only the given fields are replaced; a secret is replaced as a whole."""

    description = serializers.CharField(max_length=500, required=False, allow_blank=True)
    secret = SECRET
    vault = VaultReference(required=False)


class CredentialUser(serializers.Serializer[Any]):
    action = serializers.CharField()
    name = TextField()


class CredentialOutput(serializers.Serializer[Any]):
    """A credential without its secret. key: the id of the key that encrypts it, "" for a reference to a vault."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(Kind.choices)
    description = serializers.CharField()
    source = serializers.ChoiceField(["sealed", "vault"])  # type: ignore[assignment]  # the key of this name
    vault = VaultReference(allow_null=True)
    shown = serializers.DictField(help_text="What may be seen of it: username, eauth, a key's fingerprint")
    key = serializers.CharField()
    used_by = CredentialUser(many=True)
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    changed_by = serializers.CharField()


def rendered(row: Credential, users: list[Action]) -> dict[str, Any]:
    """One credential, without its secret."""
    kept = ("name", "kind", "description", "vault", "shown", "created_at", "changed_at")
    return {name: getattr(row, name) for name in kept} | {
        "source": "sealed" if row.box else "vault",
        "key": key_id(row.box),
        "changed_by": row.changed_by.username,
        "used_by": [{"action": action.key, "name": action.name} for action in users],
    }


class CredentialsView(APIView):
    """GET and POST credentials."""

    @extend_schema(parameters=PART, responses=listing(CredentialOutput))
    def get(self, request: Request) -> Response:
        """All credentials by name, with the actions that use each; for users who manage credentials."""
        store.require_keeper(caller(request))
        users = used_by()
        rows = Credential.objects.select_related("changed_by").order_by("name")
        return Response(short_list(known(request, PART), [rendered(row, users[row.name]) for row in rows]))

    @extend_schema(request=CredentialInput, responses={201: CredentialOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Store a credential. Its secret cannot be read back; an executor gets it right before a run."""
        given = checked(CredentialInput, request.data)
        row = store.add(actor=caller(request), at=timezone.now(), origin=origin(request), **given)
        return Response(rendered(row, used_by()[row.name]), status=201)


class CredentialView(APIView):
    """PATCH and DELETE credentials/{name}."""

    @extend_schema(request=CredentialChange, responses=CredentialOutput)
    def patch(self, request: Request, credential: str) -> Response:
        """Replace its secret or its description; its name and kind cannot change."""
        given = checked(CredentialChange, request.data)
        row = store.change(actor=caller(request), at=timezone.now(), origin=origin(request), name=credential, **given)
        return Response(rendered(row, used_by()[row.name]))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, credential: str) -> Response:
        """Delete a credential that no action uses."""
        store.remove(actor=caller(request), at=timezone.now(), origin=origin(request), name=credential)
        return Response(status=204)
