"""Field types of forms. To add one, add a line to a table here."""

from templates_engine.fields.amount import Money, Number
from templates_engine.fields.base import FieldType
from templates_engine.fields.cascade import Cascade
from templates_engine.fields.choice import Checkbox, Hosts, MultiSelect, Radio, Select, Switch
from templates_engine.fields.moment import DateField, DateRange, DateTimeField
from templates_engine.fields.reference_fields import Attachment, DepartmentField, UserField, Users
from templates_engine.fields.table import Table
from templates_engine.fields.text_fields import Markdown, Text, TextArea

# The types that a table's column may have.
CELL_TYPES: dict[str, FieldType] = {
    "text": Text(),
    "textarea": TextArea(),
    "number": Number(),
    "money": Money(),
    "select": Select(),
    "multiselect": MultiSelect(),
    "radio": Radio(),
    "checkbox": Checkbox(),
    "switch": Switch(),
    "date": DateField(),
    "datetime": DateTimeField(),
    "daterange": DateRange(),
    "user": UserField(),
    "users": Users(),
    "department": DepartmentField(),
    "hosts": Hosts(),
}
FIELD_TYPES: dict[str, FieldType] = {
    **CELL_TYPES,
    "attachment": Attachment(),
    "table": Table(CELL_TYPES),
    "cascade": Cascade(),
    "markdown": Markdown(),
}

__all__ = ["CELL_TYPES", "FIELD_TYPES", "FieldType"]
