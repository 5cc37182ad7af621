"""Request bodies, checked strictly."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses keys it does not know (A2, A9): a caller never believes that something was taken which was not."""

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


def checked(serializer: type[serializers.Serializer], data: Any) -> dict[str, Any]:
    """The validated values of a request body. Raises ValidationError."""
    bound = serializer(data=data)
    bound.is_valid(raise_exception=True)
    return bound.validated_data
