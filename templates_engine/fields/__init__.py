"""Field types: what a form can ask. One line in the table adds one."""

from templates_engine.fields.base import FieldType
from templates_engine.fields.choice import Hosts, Select, Switch
from templates_engine.fields.moment import DateField, DateTimeField
from templates_engine.fields.words import Number, Text, TextArea

FIELD_TYPES: dict[str, FieldType] = {
    "text": Text(),
    "textarea": TextArea(),
    "number": Number(),
    "select": Select(),
    "switch": Switch(),
    "date": DateField(),
    "datetime": DateTimeField(),
    "hosts": Hosts(),
}

__all__ = ["FIELD_TYPES", "FieldType"]
