"""Field types for people, departments and files. references.py checks that the values exist."""

from typing import Any

from cel_expr_python import cel

from templates_engine.fields.base import FieldType, item_limits, whole
from templates_engine.fields.choice import TextList
from templates_engine.fields.names import Names
from templates_engine.parts import Field
from templates_engine.reading.shapes import Schema

USERNAME: Schema = {"type": "string", "maxLength": 64, "pattern": whole("[A-Za-z0-9][A-Za-z0-9_.@-]*")}
DEPARTMENT: Schema = {"type": "string", "maxLength": 64, "pattern": whole("[a-z0-9][a-z0-9-]*")}
ATTACHMENT: Schema = {"type": "string", "pattern": whole("[0-9a-f]{32}")}


class UserField(FieldType):
    """One person, by username. In expressions a string."""

    name = "user"
    refers_to: str = "user"
    shape = USERNAME

    def value_schema(self, field: Field) -> Schema:  # noqa: ARG002
        """A username, or a department's key."""
        return self.shape

    def cel_type(self, field: Field) -> cel.Type:  # noqa: ARG002
        """string."""
        return cel.Type.STRING

    def in_words(self, field: Field, value: Any, names: Names) -> str:  # noqa: ARG002
        """The display name."""
        return names.of(self.refers_to, value)

    def empty(self) -> str:
        """The empty string."""
        return ""


class DepartmentField(UserField):
    """One department, by key. In expressions a string."""

    name = "department"
    refers_to = "department"
    shape = DEPARTMENT


class Users(TextList):
    """Several people, by username, in the order chosen. In expressions a list of strings."""

    name = "users"
    limits = item_limits(200)
    refers_to: str = "user"

    def item_schema(self, field: Field) -> Schema:  # noqa: ARG002
        """A username."""
        return USERNAME

    def item_in_words(self, field: Field, item: str, names: Names) -> str:  # noqa: ARG002
        """The person's name."""
        return names.of(self.refers_to, item)


class Attachment(TextList):
    """Uploaded files, by id: 32 hexadecimal digits each. In expressions a list of strings.

    max_size_mb and accept (extensions without a dot) are checked by `tickets`, which stores the files.
    """

    name = "attachment"
    words = {"accept": ("文件类型", "kinds of files"), "max_size_mb": ("每个文件最大 MB 数", "greatest size in MB")}
    limits = {
        **item_limits(50),
        "max_size_mb": {"type": "integer", "minimum": 1, "maximum": 1024},
        "accept": {
            "type": "array",
            "items": {"type": "string", "pattern": r"\A[a-z0-9]{1,10}(\.[a-z0-9]{1,10})?\Z"},
            "minItems": 1,
            "maxItems": 50,
            "uniqueItems": True,
        },
    }
    without = ("default",)
    refers_to: str = "attachment"
    most = 10

    def item_schema(self, field: Field) -> Schema:  # noqa: ARG002
        """An id."""
        return ATTACHMENT

    def item_in_words(self, field: Field, item: str, names: Names) -> str:  # noqa: ARG002
        """The file's name."""
        return names.of(self.refers_to, item)
