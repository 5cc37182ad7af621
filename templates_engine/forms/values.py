"""Checks form values on the server against the frozen version, hidden fields included (A37)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypedDict

import orjson

from accounts.organisation.people import PersonFacts
from templates_engine.fields import FIELD_TYPES
from templates_engine.fields.base import EMPTY
from templates_engine.fields.check import check_value, printable
from templates_engine.findings.finding import Finding
from templates_engine.language.expressions import ExpressionFailed, Expressions, Facts
from templates_engine.parts import Field, TicketFacts

MOST_UNKNOWN = 20  # limit for reported unknown keys; more would add nothing
NOT_A_MAPPING = {"zh": "键值对", "en": "a mapping"}


@dataclass(frozen=True)
class _Known:
    """The context of a form's values."""

    expressions: Expressions
    applicant: PersonFacts
    ticket: TicketFacts

    def facts(self, values: Mapping[str, Any]) -> Facts:
        return Facts(dict(values), self.applicant, self.ticket)


def visible_fields(expressions: Expressions, facts: Facts) -> list[str]:
    """The keys of the visible fields, after hidden fields have lost their values.

    A field whose condition cannot be evaluated yet (it reads an empty field) is hidden.
    """
    return _settled(expressions, facts)[0]


def _settled(expressions: Expressions, facts: Facts) -> tuple[list[str], dict[str, Any]]:
    """(visible fields, values that stay).

    A hidden field loses its value, and this may hide fields before it. So the form is evaluated again until nothing
    changes; at most one round per value, plus one.
    """
    values = dict(facts.form)
    while True:
        before = len(values)
        shown = _shown(expressions, values, facts)
        if len(values) == before:
            return shown, values


def _shown(expressions: Expressions, values: dict[str, Any], facts: Facts) -> list[str]:
    """The visible fields, evaluated in the order of the form; hidden fields lose their values on the way."""
    shown = []
    for key, field in expressions.fields.items():
        if "visible_when" in field and not _holds(
            expressions, field["visible_when"], Facts(values, facts.applicant, facts.ticket), otherwise=False
        ):
            values.pop(key, None)
            continue
        shown.append(key)
    return shown


def check_form(
    expressions: Expressions,
    form: Any,
    applicant: PersonFacts,
    ticket: TicketFacts,
    *,
    complete: bool = True,
    before: Mapping[str, Any] | None = None,
    locked: Collection[str] = (),
) -> tuple[dict[str, Any], list[Finding]]:
    """(values to store, findings). Defaults fill what was not sent; empty values are left out.

    complete=False (a draft) does not require any field. `locked` fields must stay as they were in `before` (stored
    values); if they are not sent, they stay.
    """
    if not isinstance(form, dict):
        return {}, [Finding("wrong_type", "form", {"expected": NOT_A_MAPPING})]
    known = _Known(expressions, applicant, ticket)
    before = before or {}
    sent = {key: before.get(key) for key in locked} | form
    values, findings = _sound(expressions, sent)
    for key in locked:
        if key in expressions.fields and canonical(values.get(key)) != canonical(before.get(key)):
            findings.append(Finding("not_editable", f"form.{key}"))
    defaults = _defaults(known, sent, values)
    shown, kept = _settled(expressions, known.facts(values))
    for key in expressions.fields:
        is_lost = key not in shown or (key in values and key not in kept)
        if is_lost and sent.get(key) not in (*EMPTY, False, defaults.get(key)):
            findings.append(Finding("not_visible", f"form.{key}"))
    values = kept
    if complete:
        broken = {finding.path.split(".")[1].split("[")[0] for finding in findings}
        findings += [Finding("required", f"form.{key}") for key in _missing(known, shown, values) if key not in broken]
    return orjson.loads(orjson.dumps(values)) if not findings else values, findings


def check_edit(  # noqa: PLR0917 (the order in which one says it)
    expressions: Expressions,
    before: Mapping[str, Any],
    changes: Any,
    allowed: Collection[str],
    applicant: PersonFacts,
    ticket: TicketFacts,
) -> tuple[dict[str, Any], list[Finding]]:
    """(values to store, findings) after a change to a submitted form; only the `allowed` fields may change.

    The whole form is checked again. A field that becomes hidden loses its value; one that becomes visible gets its
    default.
    """
    if not isinstance(changes, dict):
        return dict(before), [Finding("wrong_type", "form", {"expected": NOT_A_MAPPING})]
    shown = visible_fields(expressions, Facts(dict(before), applicant, ticket))
    merged = {key: before.get(key) for key in shown} | changes
    values, findings = check_form(expressions, merged, applicant, ticket)
    findings = [found for found in findings if found.code != "not_visible" or found.path[5:] in changes]
    named = {found.path for found in findings}
    for key in changes:
        same = canonical(values.get(key)) == canonical(before.get(key))
        if key in expressions.fields and key not in allowed and not (same and f"form.{key}" not in named):
            findings.append(Finding("not_editable", f"form.{key}"))
    return orjson.loads(orjson.dumps(values)) if not findings else values, findings


class FieldChange(TypedDict):
    """A field whose stored value differs; null means empty."""

    field: str
    before: Any
    after: Any


def changes(fields: list[Field], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """Every field whose stored value differs, in the form's order."""
    pairs = [(field["key"], before.get(field["key"]), after.get(field["key"])) for field in fields]
    return [{"field": key, "before": old, "after": new} for key, old, new in pairs if canonical(old) != canonical(new)]


def json_schema(form: list[Field]) -> dict[str, Any]:
    """The whole form as one JSON Schema (2020-12): what a complete form may hold.

    Conditions between fields, patterns of authors and decimals are not in it; the server checks them too.
    """
    surely = [field["key"] for field in form if field.get("required") and not {"visible_when", "default"} & {*field}]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {field["key"]: FIELD_TYPES[field["type"]].value_schema(field) for field in form},
        "required": surely,
        "additionalProperties": False,
    }


def canonical(value: Any) -> bytes:
    """The canonical bytes of a JSON value; true, 1 and 1.0 differ."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _sound(expressions: Expressions, sent: dict[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """(the valid values in stored form, findings about the others)."""
    foreign = (key for key in sent if key not in expressions.fields)
    findings = [Finding("unknown_form_key", f"form.{printable(key)}") for key in islice(foreign, MOST_UNKNOWN)]
    values: dict[str, Any] = {}
    for key, field in expressions.fields.items():
        if key not in sent:
            continue
        problems, value = _checked(field, sent[key], f"form.{key}")
        findings += problems
        if not problems and value not in EMPTY:
            values[key] = value
    return values, findings


def _checked(field: Field, value: Any, path: str) -> tuple[list[Finding], Any]:
    """(findings, the value as stored)."""
    if value in EMPTY:
        return [], None
    kind = FIELD_TYPES[field["type"]]
    tidy = kind.tidy(field, value)
    problems = list(check_value(field, tidy, path))
    return problems, None if problems else kind.stored(field, tidy)


def _defaults(known: _Known, sent: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Fill `values` with the defaults of fields that were not sent; return all defaults, for comparison.

    A default expression sees only the visible fields before its own. If it cannot be evaluated, or its value does not
    fit the field, there is no default.
    """
    defaults: dict[str, Any] = {}
    earlier: dict[str, Any] = {}  # what a computed default may see
    for key, field in known.expressions.fields.items():
        if "default" in field:
            value = _default(known, field, earlier)
            if value not in EMPTY:
                defaults[key] = value
                if key not in sent:
                    values[key] = value
        hidden = "visible_when" in field and not _holds(
            known.expressions, field["visible_when"], known.facts(values), otherwise=False
        )
        if key in values and not hidden:
            earlier[key] = values[key]
    return defaults


def _default(known: _Known, field: Field, earlier: dict[str, Any]) -> Any:
    value = field["default"]
    if computed(field):
        try:
            value = known.expressions.evaluate(value["expression"], known.facts(earlier))
        except ExpressionFailed:
            return None
        value = FIELD_TYPES[field["type"]].from_cel(field, value)
    return _checked(field, value, "")[1]


def computed(field: Field) -> bool:
    """Whether the default is an expression."""
    default = field.get("default")
    return isinstance(default, dict) and set(default) == {"expression"}


def needed_fields(expressions: Expressions, facts: Facts, shown: Collection[str]) -> list[str]:
    """The visible fields that must be filled in; a field whose condition fails to evaluate is required (I26)."""
    return [key for key in shown if _needed(expressions, expressions.fields[key], facts)]


def _missing(known: _Known, shown: list[str], values: dict[str, Any]) -> list[str]:
    """The visible fields that need a value and have none."""
    needed = needed_fields(known.expressions, known.facts(values), shown)
    return [key for key in needed if key not in values]


def _needed(expressions: Expressions, field: Field, facts: Facts) -> bool:
    if field.get("required") or "required_when" not in field:
        return bool(field.get("required"))
    return _holds(expressions, field["required_when"], facts, otherwise=True)


def _holds(expressions: Expressions, condition: str, facts: Facts, *, otherwise: bool) -> bool:
    try:
        return expressions.condition(condition, facts)
    except ExpressionFailed:
        return otherwise
