"""Rules that cannot find anybody as they are written."""

from collections.abc import Iterator
from typing import Any

from templates_engine.approvers import Rule
from templates_engine.findings import Finding, suggest
from templates_engine.nodes.base import Context

PEOPLE_FIELDS = ("user", "users")
USERNAMES = ("STRING", "LIST<STRING>", "LIST<DYN>")  # what an expression may answer


def check_rules(rules: list[Rule], path: str, context: Context) -> Iterator[Finding]:
    """Roles, people and fields that do not exist; expressions that do not type."""
    for index, rule in enumerate(rules):
        yield from check_rule(rule, f"{path}[{index}]", context)


def check_rule(rule: Rule, path: str, context: Context) -> Iterator[Finding]:
    """The same for one rule."""
    roles, people = context.directory.roles, context.directory.usernames
    if "role" in rule and rule["role"] not in roles:
        details = {"key": rule["role"], "suggestion": suggest(rule["role"], list(roles))}
        yield Finding("unknown_role", f"{path}.role", details)
    if "user" in rule and rule["user"] not in people:
        yield Finding("unknown_user", f"{path}.user", {"key": rule["user"]})
    if "form_user" in rule:
        yield from _check_field(rule["form_user"], f"{path}.form_user", context)
    if "of" in rule:
        yield from check_expression(rule["of"], f"{path}.of", context, "STRING")
    if "expression" in rule:
        yield from check_expression(
            rule["expression"], f"{path}.expression", context, "STRING", "LIST<STRING>", "LIST<DYN>"
        )


def _check_field(key: str, path: str, context: Context) -> Iterator[Finding]:
    """A field that somebody is named in."""
    fields: dict[str, Any] = context.expressions.fields
    if key not in fields:
        there = [key for key, field in fields.items() if field["type"] in PEOPLE_FIELDS]
        yield Finding("unknown_field", path, {"name": f"form.{key}", "suggestion": suggest(key, there)})
    elif fields[key]["type"] not in PEOPLE_FIELDS:
        yield Finding("not_a_people_field", path, {"key": key, "type": fields[key]["type"]})


def check_expression(source: str, path: str, context: Context, *expected: str) -> Iterator[Finding]:
    """An expression that does not type, or reads a field that may be empty."""
    problems = context.expressions.check(source, path, *expected)
    yield from problems or context.expressions.unguarded(source, path)
