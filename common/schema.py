"""Pieces of the OpenAPI schema that several apps use."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema_field, inline_serializer
from rest_framework import serializers

from common.paging import DEFAULT_LIMIT, MAX_LIMIT


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string"},
            {"type": "object", "properties": {"zh": {"type": "string"}, "en": {"type": "string"}}},
        ]
    }
)
class TextField(serializers.JSONField):
    """A localized text: a plain string, or {zh, en}."""


class FindingOutput(serializers.Serializer[Any]):
    """One error or warning. suggestion: what to do about it; may be empty."""

    path = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    suggestion = serializers.CharField(required=False)


class WithinOutput(serializers.Serializer[Any]):
    """The branch of a fork (a parallel node) that a node is in; branches count from 0."""

    fork = serializers.CharField()
    branch = serializers.IntegerField()
    name = serializers.CharField()


class StepOutput(serializers.Serializer[Any]):
    """One node of a path: who would act, and why. choose: the applicant chooses who acts there."""

    node = serializers.CharField()
    name = TextField()
    type = serializers.CharField()
    assignees = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField()
    blocked = serializers.BooleanField()
    within = WithinOutput(many=True)
    choose = serializers.BooleanField()


class ProblemOutput(serializers.Serializer[Any]):
    """RFC 9457 application/problem+json."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = FindingOutput(many=True, required=False)  # type: ignore[assignment]  # the field of this name


def listing(row: type[serializers.Serializer]) -> Any:
    """The shape of one page of a list: {results, next}."""
    name = row.__name__.removesuffix("Output") + "Page"
    return inline_serializer(name, {"results": row(many=True), "next": serializers.CharField(allow_null=True)})


LIMIT = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}
PAGING = [
    OpenApiParameter("limit", {**LIMIT, "default": DEFAULT_LIMIT}, description="At most so many rows."),
    OpenApiParameter("cursor", str, description="`next` of the page before."),
]
PART = [
    OpenApiParameter("limit", LIMIT, description="At most so many rows; default: all of this short list."),
    PAGING[1],
]


def whole(name: str, description: str, lowest: int = 1, highest: int = 2**31 - 1, default: int | None = None) -> Any:
    """A query parameter that is a whole number within these bounds."""
    bounds = {"type": "integer", "minimum": lowest, "maximum": highest}
    return OpenApiParameter(
        name, bounds if default is None else {**bounds, "default": default}, description=description
    )
