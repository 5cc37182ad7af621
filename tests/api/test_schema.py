"""Generated requests never cause a 500, and their answers match the OpenAPI schema."""

from typing import Any

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings

from tests.api.calls import Api

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(scope="module")
def document() -> dict:
    return SchemaGenerator().get_schema(request=None, public=True)


def test_no_generated_request_ends_in_a_500(document) -> None:
    """A smoke: some dozens of odd requests for every operation of tickets, templates and accounts."""
    from django.db import transaction

    operations = schemathesis.openapi.from_dict(document)
    tried = 0
    for found in operations.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
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
