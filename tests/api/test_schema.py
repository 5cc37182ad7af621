"""Answers against the OpenAPI schema, and generated requests that must never end in a 500."""

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator

from tests.api.calls import Api
from tests.factories import LEAVE, NGINX, act, submit

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(scope="module")
def document() -> dict:
    return SchemaGenerator().get_schema(request=None, public=True)


def shape(document: dict, method: str, path: str, status: str) -> dict:
    found = document["paths"][f"/api/v1/{path}"][method]["responses"][status]["content"]["application/json"]["schema"]
    return {**found, "components": document["components"]}


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("me", "me"),
        ("me/tokens", "me/tokens"),
        ("users", "users"),
        ("departments", "departments"),
        ("roles", "roles"),
        ("proxies", "proxies"),
        ("templates", "templates"),
        ("templates/leave", "templates/{key}"),
        ("templates/leave/versions", "templates/{key}/versions"),
        ("tickets", "tickets"),
        ("tickets?box=todo", "tickets"),
        ("tickets/{leave}", "tickets/{number}"),
        ("tickets/{nginx}", "tickets/{number}"),
        ("tickets/{nginx}/events", "tickets/{number}/events"),
        ("tasks", "tasks"),
        ("tasks?state=approved", "tasks"),
    ],
)
def test_an_answer_fits_its_schema(document, path, route) -> None:
    leave, nginx = submit("leave", LEAVE), submit("nginx-config-sync", NGINX)
    act(nginx, "bob")
    answer = Api("bob").get(path.format(leave=leave.number, nginx=nginx.number))
    assert answer.status_code == 200
    wrong = Draft202012Validator(_nullable(shape(document, "get", route, "200"))).iter_errors(answer.json())
    assert [f"{error.json_path}: {error.message[:200]}" for error in wrong] == []


def _nullable(schema):
    """OpenAPI 3.0 says `nullable: true` where JSON Schema says null."""
    if isinstance(schema, list):
        return [_nullable(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _nullable(value) for key, value in schema.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain


def test_no_generated_request_ends_in_a_500(document) -> None:
    """A smoke: some dozens of odd requests for every operation of tickets, templates and accounts."""
    from django.db import transaction

    operations = schemathesis.openapi.from_dict(document)
    tried = 0
    for found in operations.get_all_operations():
        operation = found.ok()
        if not operation.path.startswith(
            tuple(
                f"/api/v1/{part}" for part in ("tickets", "tasks", "templates", "me", "proxies", "users", "auth/login")
            )
        ):
            continue
        tried += 1

        @settings(
            max_examples=12, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def call(case) -> None:
            if "\x00" in f"{case.path_parameters}{case.query}":
                return  # the database ends the whole transaction of this test: see tests/races/test_requests.py
            sent = case.as_transport_kwargs(base_url="http://testserver")
            data = sent.get("data") if sent.get("data") is not None else sent.get("json")
            with transaction.atomic():
                answer = Api("alice").send(case.method, case.formatted_path.removeprefix("/api/v1/"), data)
                transaction.set_rollback(True)
            assert answer.status_code < 500, (case.method, case.formatted_path, data)

        call()
    assert tried > 30
