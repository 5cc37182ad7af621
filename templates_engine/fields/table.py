"""The field type table: rows of simple fields."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cel_expr_python import cel

from templates_engine.fields.base import EMPTY, Bound, FieldType, item_limits
from templates_engine.fields.names import Names
from templates_engine.findings.finding import Finding
from templates_engine.parts import Field
from templates_engine.reading.shapes import KEY, PROSE, TEXT, Schema
from templates_engine.text import localize

MOST_ROWS, MOST_COLUMNS = 500, 30


def column_schema(kind: FieldType) -> Schema:
    """The schema of a column of this type in a template."""
    about = {"label": TEXT, "help": PROSE, "placeholder": TEXT, "required": {"type": "boolean"}, "default": {}}
    return {
        "type": "object",
        "properties": {"key": KEY, "type": {"const": kind.name}, **about, **kind.limits},
        "required": ["key", "type", "label", *kind.required_limits],
        "additionalProperties": False,
    }


class Table(FieldType):
    """Rows, each a mapping of column keys to values. In expressions list(map(string, dyn)).

    A cell is checked and stored as a field of its column's type; an empty cell is left out. In expressions, dates and
    times in rows are texts, because CEL accepts no timestamps from outside there; see language/value_types.py. A
    column's `default` is the start value of a new row on the page.
    """

    name = "table"
    required_limits = ("columns",)
    most = 200  # rows; the default of `max_items`

    def __init__(self, cells: Mapping[str, FieldType]) -> None:
        self.cells = cells
        self.limits = {
            "columns": {"type": "array", "items": {"type": "object"}, "minItems": 1, "maxItems": MOST_COLUMNS},
            **item_limits(MOST_ROWS),
        }

    def value_schema(self, field: Field) -> Schema:
        """The rows, each with its cells."""
        columns = field["columns"]
        row = {
            "type": "object",
            "properties": {column["key"]: self.cells[column["type"]].value_schema(column) for column in columns},
            "required": [column["key"] for column in columns if column.get("required")],
            "additionalProperties": False,
        }
        return {
            "type": "array",
            "items": row,
            "minItems": max(field.get("min_items", 1), 1),
            "maxItems": field.get("max_items", self.most),
        }

    def bounds(self, field: Field) -> Iterator[Bound]:
        """The allowed number of rows."""
        yield Bound("min_items", max(field.get("min_items", 1), 1), "max_items", field.get("max_items", self.most))

    def tidy(self, field: Field, value: Any) -> Any:  # noqa: ARG002
        """The rows without their empty cells."""
        if not isinstance(value, list) or len(value) > MOST_ROWS:
            return value
        return [
            {key: cell for key, cell in row.items() if cell not in EMPTY} if isinstance(row, dict) else row
            for row in value
        ]

    def problems(self, field: Field, value: Any, path: str) -> Iterator[Finding]:
        """Findings of the cells' types beyond their schemas."""
        for index, row in enumerate(value):
            for column in field["columns"]:
                key = column["key"]
                if key in row:
                    yield from self.cells[column["type"]].problems(column, row[key], f"{path}[{index}].{key}")

    def stored(self, field: Field, value: Any) -> Any:
        """The cells in their stored form, in the order of the columns."""
        return [self._row(field, row, lambda kind, column, cell: kind.stored(column, cell)) for row in value]

    def cel_type(self, field: Field) -> cel.Type:  # noqa: ARG002
        """list(map(string, dyn))."""
        return cel.Type.List(cel.Type.Map(cel.Type.STRING, cel.Type.DYN))

    def cel_value(self, field: Field, value: Any) -> list[dict[str, Any]]:
        """Rows for expressions. An empty cell has its type's empty value, or is missing: test has(row.key)."""
        blank = {column["key"]: self.cells[column["type"]].empty() for column in field["columns"]}
        blank = {key: nothing for key, nothing in blank.items() if nothing is not None}
        return [
            blank | self._row(field, row, lambda kind, column, cell: kind.cell_value(column, cell)) for row in value
        ]

    def from_cel(self, field: Field, value: Any) -> Any:
        """Rows from an expression's result."""
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            return value
        return [row | self._row(field, row, lambda kind, column, cell: kind.from_cel(column, cell)) for row in value]

    def in_words(self, field: Field, value: Any, names: Names) -> str:
        """One line for each row: `label: value; label: value`."""
        return "\n".join(self._row_in_words(field, row, names) for row in value)

    def _row_in_words(self, field: Field, row: dict[str, Any], names: Names) -> str:
        cells = self._row(field, row, lambda kind, column, cell: kind.in_words(column, cell, names))
        return "; ".join(f"{localize(c['label'])}: {cells[c['key']]}" for c in field["columns"] if c["key"] in cells)

    def empty(self) -> list[Any]:
        """The empty list."""
        return []

    def _row(self, field: Field, row: dict[str, Any], made: Callable[[FieldType, Field, Any], Any]) -> dict[str, Any]:
        present = (column for column in field["columns"] if column["key"] in row)
        return {column["key"]: made(self.cells[column["type"]], column, row[column["key"]]) for column in present}
