"""Checks approver rules and expressions of nodes."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from templates_engine.approvers import Rule
from templates_engine.findings.finding import Finding, suggest
from templates_engine.language.closed import is_of_closed_values
from templates_engine.nodes.base import Context
from templates_engine.text import both

PEOPLE_FIELDS = ("user", "users")
SINGLE_FIELD = re.compile(r"form\.[a-z][a-z0-9_]*\Z")
USERNAMES = ("LIST<STRING>", "LIST<DYN>")  # types that an expression may return
ONE_NAME = both("一个人也写成列表：['bob']。", "One person is a list too: ['bob'].")


def check_rules(rules: list[Rule], path: str, context: Context) -> Iterator[Finding]:
    """Check that roles, people and fields exist and expressions type."""
    for index, rule in enumerate(rules):
        yield from check_rule(rule, f"{path}[{index}]", context)


def check_rule(rule: Rule, path: str, context: Context) -> Iterator[Finding]:
    """Check one rule."""
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
        yield from context.expressions.checker.answers(
            rule["of"], f"{path}.of", context.expressions.closed.departments, "of"
        )
    if "expression" in rule:
        for finding in check_expression(rule["expression"], f"{path}.expression", context, *USERNAMES):
            is_one = finding.code == "wrong_expression_type" and finding.details["type"] == "STRING"
            yield replace(finding, details=finding.details | {"suggestion": ONE_NAME}) if is_one else finding
        here = f"{path}.expression"
        yield from context.expressions.checker.answers(
            rule["expression"], here, context.expressions.closed.people, "expression"
        )


def _check_field(key: str, path: str, context: Context) -> Iterator[Finding]:
    """Check that a field exists and names people."""
    fields: dict[str, Any] = context.expressions.fields
    if key not in fields:
        there = [key for key, field in fields.items() if field["type"] in PEOPLE_FIELDS]
        yield Finding("unknown_field", path, {"name": f"form.{key}", "suggestion": suggest(key, there)})
    elif fields[key]["type"] not in PEOPLE_FIELDS:
        yield Finding("not_a_people_field", path, {"key": key, "type": fields[key]["type"]})


def check_expression(
    source: str, path: str, context: Context, *expected: str, may_be_empty: bool = False
) -> list[Finding]:
    """Findings for an expression that does not type, or reads a field that may be empty.

    may_be_empty: the expression may be just one field that may be empty; the node defines what that means.
    """
    problems = context.expressions.check(source, path, *expected)
    if not all(map(is_of_closed_values, problems)) or (may_be_empty and SINGLE_FIELD.fullmatch(source)):
        return problems
    return problems + context.expressions.unguarded(source, path, context.assumed)
