"""The floor is a fair neighbour: it answers what Baton answers, with fewer fields, and guards its writes likewise."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import yaml

from config.environment import ROOT
from tests.bench.sides import libpq, new_database

SCHEMA = ROOT / "frontend" / "schema.yaml"
SCRIPT = """
import json
import tests.bench.floor.wsgi  # what the web server loads, whatever the settings are around it
from tests.bench.floor.__main__ import main
main("password")
from django.test import Client
def person(name):
    client = Client(enforce_csrf_checks=True)
    client.post("/api/v1/auth/login", {"username": name, "password": "password"}, content_type="application/json")
    return client
def send(client, path, **body):
    token = client.cookies["csrftoken"].value if body.pop("token", True) else ""
    return client.post("/api/v1/" + path, body, content_type="application/json", headers={"X-CSRFToken": token})
alice, bob = person("alice"), person("bob")
new = {"template": "bench", "title": "Ticket", "form": {"days": 2}}
refused = send(alice, "tickets", token=False, **new)
ticket = send(alice, "tickets", **new)
rows = bob.get("/api/v1/tickets?box=todo").json()
yes = send(bob, f"tasks/{rows['results'][0]['my_tasks'][0]['id']}/approve", comment="")
page = bob.get("/api/v1/tickets/" + ticket.json()["number"]).json()
left = bob.get("/api/v1/tickets?box=todo").json()
print(json.dumps({"statuses": [refused.status_code, ticket.status_code, yes.status_code], "ticket": ticket.json(),
                  "rows": rows, "page": page, "left": left, "me": bob.get("/api/v1/me").json()}))
"""


@pytest.fixture(scope="module")
def said() -> Iterator[Any]:
    """What a floor on a database of its own answers."""
    name = f"floor_{os.getpid()}"
    env = os.environ | {"FLOOR_DATABASE_URL": new_database(name), "DJANGO_SETTINGS_MODULE": "config.settings"}
    try:
        command = [sys.executable, "-c", SCRIPT]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        yield json.loads(done.stdout)
    finally:
        with psycopg.connect(libpq(os.environ["DATABASE_URL"]), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def shapes() -> Any:
    """The shapes of our answers, by name."""
    return yaml.load(SCHEMA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["components"]["schemas"]


def test_it_writes_only_with_a_csrf_token(said) -> None:
    assert said["statuses"] == [403, 201, 200]


def test_a_decision_takes_the_ticket_off_the_list(said) -> None:
    assert [row["number"] for row in said["rows"]["results"]] == [said["ticket"]["number"]]
    assert said["left"]["results"] == []
    assert [(task["node"], task["state"]) for task in said["page"]["tasks"]] == [
        ("first", "approved"),
        ("second", "pending"),
    ]


@pytest.mark.parametrize(
    ("answer", "shape"),
    [("ticket", "TicketOutput"), ("page", "TicketOutput"), ("rows", "TicketRowPage"), ("me", "ProfileOutput")],
)
def test_its_fields_are_fields_of_ours(said, shapes, answer, shape) -> None:
    def strange(value: Any, shape: dict[str, Any]) -> list[str]:
        """Fields of the value that this shape of the schema does not have, at any depth."""
        if "$ref" in shape:
            shape = shapes[shape["$ref"].rsplit("/", 1)[1]]
        if isinstance(value, list):
            return [name for item in value for name in strange(item, shape["items"])]
        if not isinstance(value, dict) or "properties" not in shape:
            return []
        fields = shape["properties"]
        inside = [name for key in value if key in fields for name in strange(value[key], fields[key])]
        return [*(key for key in value if key not in fields), *inside]

    assert strange(said[answer], shapes[shape]) == []
