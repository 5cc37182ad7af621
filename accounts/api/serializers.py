"""Serializers of the accounts API."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from common.inputs import StrictSerializer
from common.schema import TextField


class LoginInput(StrictSerializer):
    username = serializers.CharField(max_length=64)
    password = serializers.CharField(max_length=256, trim_whitespace=False)


class ProfileInput(StrictSerializer):
    language = serializers.ChoiceField(choices=settings.LANGUAGES)


class TokenInput(StrictSerializer):
    name = serializers.CharField(max_length=100)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class ProxyInput(StrictSerializer):
    principal = serializers.CharField(max_length=64, required=False)
    agent = serializers.CharField(max_length=64)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    templates = serializers.ListField(
        child=serializers.CharField(max_length=64),
        allow_null=True,
        allow_empty=False,
        required=False,
        default=None,
    )
    reason = serializers.CharField(max_length=500, allow_blank=True, required=False, default="")


class ProxyChange(StrictSerializer):
    """Keys that are left out keep their value. `templates: null` means all templates."""

    agent = serializers.CharField(max_length=64, required=False)
    starts_at = serializers.DateTimeField(required=False)
    ends_at = serializers.DateTimeField(required=False)
    templates = serializers.ListField(
        child=serializers.CharField(max_length=64), allow_null=True, allow_empty=False, required=False
    )
    reason = serializers.CharField(max_length=500, allow_blank=True, required=False)


class ProxyFilters(StrictSerializer):
    """Proxies whose window overlaps [from, to): times, or days in the company's time zone. Both are optional."""

    def get_fields(self) -> dict[str, Any]:
        """Declared here because `from` is a Python keyword."""
        formats = ["iso-8601", "%Y-%m-%d"]
        return {name: serializers.DateTimeField(required=False, input_formats=formats) for name in ("from", "to")}


class DepartmentOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()


class UserOutput(serializers.Serializer[Any]):
    username = serializers.CharField()
    name = serializers.CharField()
    department = DepartmentOutput(allow_null=True)


class ProxyOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    principal = serializers.CharField()
    agent = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    templates = serializers.ListField(child=serializers.CharField(), allow_null=True)
    reason = serializers.CharField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    created_by = serializers.CharField()
    barred = serializers.BooleanField(help_text="Its agent made or changed it, and so can do nothing through it")


class CountsOutput(serializers.Serializer[Any]):
    todo = serializers.IntegerField()
    mine = serializers.IntegerField()
    cc = serializers.IntegerField()


class ProfileOutput(UserOutput):
    counts = CountsOutput()
    email = serializers.CharField()
    language = serializers.CharField()
    is_admin = serializers.BooleanField()
    roles = serializers.ListField(child=serializers.CharField())
    permissions = serializers.ListField(child=serializers.CharField())
    acting_for = serializers.ListField(child=serializers.CharField())
    proxies = ProxyOutput(many=True)


class DepartmentRowOutput(DepartmentOutput):
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # the field of this name
    head = serializers.CharField(allow_null=True)


class RoleOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = TextField()


class TokenOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)


class NewTokenOutput(TokenOutput):
    token = serializers.CharField()
