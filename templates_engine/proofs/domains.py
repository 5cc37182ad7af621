"""Sample values of a variable: enough to represent every value for the conditions of the fragment."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, combinations
from typing import Any

from cel_expr_python import cel

from templates_engine.fields import FIELD_TYPES, FieldType
from templates_engine.fields.amount import Number
from templates_engine.fields.choice import options_of
from templates_engine.language.closed import PRIORITIES
from templates_engine.parts import Field
from templates_engine.proofs.fragment import Uses

OTHER = "\u2042"  # a text that no condition compares with
MOST_MEMBERS = 8
MOST_ITEMS = 1000
MOST = 10**15


class TooMany(Exception):
    """There are more values than can be tried."""


@dataclass(frozen=True)
class Sample:
    """One sample. absent: the variable does not exist, and reading it fails. filled: its key is in `filled`."""

    value: Any = None
    filled: bool = True
    absent: bool = False


def kind_of(kind: cel.Type, field: Field | None = None) -> str:
    """choice, number, text or list; "other" if only its presence can be tested."""
    name = kind.name().upper()
    if field is not None and field["type"] == "cascade":
        return "other"  # its values depend on one another
    if name.startswith("LIST"):
        return "list"
    if name == "STRING":
        return "choice" if field and options_of(field) else "text"
    return {"BOOL": "choice", "INT": "number", "DOUBLE": "number"}.get(name, "other")


def of_fact(name: str, uses: Uses) -> list[Sample]:
    """The samples of a variable of the applicant or the ticket."""
    if name == "ticket.priority":
        return [Sample(value) for value in PRIORITIES]
    if name == "applicant.roles":
        return [Sample(value) for value in _lists(uses, None, (0, MOST_ITEMS))]
    return [Sample(value) for value in _texts(uses)]


def of_field(field: Field, uses: Uses) -> list[Sample]:
    """The samples of a field, with the empty value if it may be empty. Raises TooMany."""
    kind = FIELD_TYPES[field["type"]]
    kept, schema = kind.cel_type(field), kind.value_schema(field)
    shape = kind_of(kept, field)
    values: Iterator[Any]
    if shape == "number":
        values = _numbers(uses, schema, whole=kept.name().upper() == "INT", decimals=_decimals(kind, field))
    elif shape == "choice":
        values = iter([True, False] if kept.name().upper() == "BOOL" else options_of(field) or [])
    elif shape == "list":
        limits = schema.get("minItems", 1), schema.get("maxItems", MOST_ITEMS)
        values = _lists(uses, options_of(field), limits) if kept.name()[5:] == "STRING>" else _rows(uses, limits)
    else:
        values = _texts(uses) if shape == "text" else iter([None])
    samples = [Sample(value) for value in values if value != ""]
    if not field.get("required") or "visible_when" in field:
        samples.append(Sample(kind.empty(), filled=False, absent=kind.empty() is None))
    return samples


def _texts(uses: Uses) -> Iterator[str]:
    yield from sorted(uses.texts)
    yield OTHER


def _decimals(kind: FieldType, field: Field) -> int:
    return kind.precision(field) if isinstance(kind, Number) else 0


def _numbers(uses: Uses, schema: dict[str, Any], *, whole: bool, decimals: int) -> Iterator[Any]:
    """The compared numbers and their neighbours within the field's limits; exact for comparisons."""
    step = Decimal(1).scaleb(-decimals)
    low, high = schema.get("minimum", -MOST), schema.get("maximum", MOST)
    points = {Decimal(str(number)) for number in uses.numbers if abs(number) <= MOST}
    points |= {Decimal(str(limit)) for limit in (low, high)}
    for value in sorted({(point // step + shift) * step for point in points for shift in (-1, 0, 1, 2)}):
        if low <= value <= high:
            yield int(value) if whole else float(value)


def _sizes(uses: Uses, limits: tuple[int, int]) -> set[int]:
    """The list sizes to try. Raises TooMany."""
    if any(size > MOST_ITEMS for size in uses.sizes):
        raise TooMany
    low, high = limits
    sizes = {low, *(size + shift for size in uses.sizes for shift in (-1, 0, 1))}
    return {size for size in sizes if low <= size <= high}


def _rows(uses: Uses, limits: tuple[int, int]) -> Iterator[list[dict[str, Any]]]:
    """Empty table rows, because only their number matters. Raises TooMany."""
    for size in sorted(_sizes(uses, limits)):
        yield [{}] * size


def _lists(uses: Uses, options: list[str] | None, limits: tuple[int, int]) -> Iterator[list[str]]:
    """Every subset of the compared texts, in every size that matters. Raises TooMany."""
    members = sorted(text for text in uses.texts if options is None or text in options)
    if len(members) > MOST_MEMBERS:
        raise TooMany
    fillers = [option for option in options if option not in members] if options is not None else None
    low, high = limits
    for chosen in chain.from_iterable(combinations(members, count) for count in range(len(members) + 1)):
        for size in sorted({len(chosen), *_sizes(uses, limits)}):
            missing = size - len(chosen)
            if low <= size <= high and missing >= 0 and (fillers is None or missing <= len(fillers)):
                rest = [f"{OTHER}{index}" for index in range(missing)] if fillers is None else fillers[:missing]
                yield [*chosen, *rest]
