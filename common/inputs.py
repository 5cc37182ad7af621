"""Request bodies, checked strictly."""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses unknown keys (A02, A09), so that no input is ignored silently."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values. Raises ValidationError."""
        if isinstance(data, dict):
            unknown = {
                key: [serializers.ErrorDetail(_("There is no such key here."), code="unknown_key")]
                for key in data
                if key not in self.fields
            }
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)


class NothingInput(StrictSerializer):
    """A call that takes no input: an empty body, or {}."""


class Flag(serializers.BooleanField):
    """`true` or `false`; other values such as 0 or "no" are refused."""

    def to_internal_value(self, data: Any) -> bool:
        """The value as given. Raises ValidationError."""
        if isinstance(data, bool):
            return data
        self.fail("invalid", input=data)
        raise AssertionError  # fail raises


def unstorable(data: Any, path: str = "") -> Iterator[str]:
    """The paths of texts that no database column and no response can hold: NUL, or half a surrogate pair."""
    if isinstance(data, str):
        if _UNSTORABLE.search(data):
            yield path
    elif isinstance(data, dict):
        for key, value in data.items():
            if _UNSTORABLE.search(key):
                yield path
            else:
                yield from unstorable(value, f"{path}.{key}" if path else key)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from unstorable(value, f"{path}[{index}]")


def checked(serializer: type[serializers.Serializer], data: Any) -> dict[str, Any]:
    """The validated values of a request body. Raises ValidationError."""
    wrong = next(unstorable(data), None)
    if wrong is not None:
        message = _("Contains characters that cannot be stored.")
        raise serializers.ValidationError({wrong: [serializers.ErrorDetail(message, code="control_characters")]})
    with suppress(serializers.ValidationError):
        return _reader(serializer).run_validation(data)
    bound = serializer(data=data)  # says what is wrong
    bound.is_valid(raise_exception=True)
    return bound.validated_data


@cache
def _reader(serializer: type[serializers.Serializer]) -> serializers.Serializer:
    """One instance for all requests: to make its fields takes longer than to check a body, which changes nothing."""
    return serializer()
