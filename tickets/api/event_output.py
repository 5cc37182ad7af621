"""The events of a ticket in the OpenAPI schema: one of many, told apart by `kind`, with the shape of its data.

The shapes are those that code records (tickets.trail.shapes), so that clients get the same types.
"""

import inspect
from types import NoneType, UnionType
from typing import Any, NotRequired, Required, Union, get_args, get_origin, get_type_hints, is_typeddict

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.plumbing import ResolvedComponent, build_object_type, resolve_type_hint
from rest_framework import serializers

from tickets.queries.hidden import WITHHELD
from tickets.trail.events import KINDS


class EventOutput(serializers.Serializer[Any]):
    """One event. What its data hold depends on `kind`."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = serializers.CharField(allow_null=True)
    on_behalf_of = serializers.CharField(allow_null=True)
    hash = serializers.CharField()


class EventSchema(OpenApiSerializerExtension):
    """EventOutput, and one of the kinds with its data."""

    target_class = EventOutput

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """All kinds; those with the same shape of data stand together."""
        every = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        shapes: dict[Any, list[str]] = {}
        for kind in KINDS.values():
            shapes.setdefault(kind.shape, []).append(str(kind))
        kinds = [_kinds(names, shape_of(shape, auto_schema.registry)) for shape, names in shapes.items()]
        return {"allOf": [every, {"oneOf": kinds}]}


def _kinds(names: list[str], data: dict[str, Any]) -> dict[str, Any]:
    """Within `allOf`, because the library would give all these enumerations one name."""
    kind = {"allOf": [{"type": "string", "enum": names}]}
    return {"type": "object", "properties": {"kind": kind, "data": data}, "required": ["kind", "data"]}


def shape_of(hint: Any, registry: Any) -> dict[str, Any]:
    """The schema of a type; a TypedDict becomes a component of this name."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return {}
    if is_typeddict(hint):
        return _component(hint, registry)
    if origin in (NotRequired, Required):
        return shape_of(inner[0], registry)
    if origin is list:
        return {"type": "array", "items": shape_of(inner[0], registry)}
    if origin is dict:
        return {"type": "object", "additionalProperties": shape_of(inner[1], registry)}
    if origin in (Union, UnionType):
        found = [shape_of(one, registry) for one in inner if one is not NoneType]
        plain = found[0] if len(found) == 1 else {"oneOf": found}
        return plain | ({"nullable": True} if NoneType in inner else {})
    return resolve_type_hint(hint)


def _component(shape: Any, registry: Any) -> dict[str, Any]:
    """A key that is withheld from readers who may not see every field is not required."""
    component = ResolvedComponent(name=shape.__name__, type=ResolvedComponent.SCHEMA, object=shape)
    if component not in registry:
        registry.register(component)
        hints, required = get_type_hints(shape), sorted(shape.__required_keys__ - WITHHELD)
        component.schema = build_object_type(
            properties={key: shape_of(hint, registry) for key, hint in hints.items()},
            required=required,
            description=inspect.getdoc(shape) or "",
        )
    return component.ref
