"""Every route × anonymous, a stranger, the applicant, her approver, an administrator (A1, A41, I23; kind T5).

A route that has no row here fails the build.
"""

import re

import pytest
import requests
import schemathesis
from django.db import transaction
from django.http import HttpResponse
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from schemathesis.core.transport import Response

from accounts.commands import create_token
from automation.models import Job
from notify.models import Delivery
from tests.api.calls import Api
from tests.attachments.files import uploaded
from tests.factories import LEAVE, NGINX, NOW, act, pending, proxy, submit, user
from tickets.dispatch import dispatch
from tickets.models import ApprovalTask, Event, Ticket

pytestmark = pytest.mark.usefixtures("world")
WHO = (None, "heidi", "alice", "bob", "admin")
YAML = ("application/yaml", b"apiVersion: baton/v1")
FILE = (
    "multipart/form-data; boundary=b",
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--b--\r\n',
)
PROXY = {"agent": "frank", "starts_at": "2026-11-21T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z"}

# method, route: statuses for anonymous, heidi, alice, bob, admin; the body where there is one
MATRIX = {
    ("POST", "auth/login"): ("200 200 200 200 200", {"username": "erin", "password": "baton-demo"}),
    ("POST", "auth/logout"): ("401 204 204 204 204", {}),
    ("GET", "me"): ("401 200 200 200 200", None),
    ("PATCH", "me"): ("401 200 200 200 200", {"language": "en"}),
    ("GET", "me/tokens"): ("401 200 200 200 200", None),
    ("POST", "me/tokens"): ("401 201 201 201 201", {"name": "ci"}),
    ("DELETE", "me/tokens/<token_id>"): ("401 404 204 404 404", None),
    ("GET", "users"): ("401 200 200 200 200", None),
    ("GET", "departments"): ("401 200 200 200 200", None),
    ("GET", "roles"): ("401 200 200 200 200", None),
    ("GET", "proxies"): ("401 200 200 200 200", None),
    ("POST", "proxies"): ("401 201 201 201 201", PROXY),
    ("PATCH", "proxies/<proxy_id>"): ("401 404 200 403 200", {"reason": "longer"}),
    ("DELETE", "proxies/<proxy_id>"): ("401 404 204 403 204", None),
    ("GET", "templates"): ("401 200 200 200 200", None),
    ("POST", "templates/check"): ("401 200 200 200 200", YAML),
    ("POST", "templates/import"): ("401 403 403 403 422", YAML),
    ("GET", "templates/<key>"): ("401 200 200 200 200", None),
    ("GET", "templates/<key>/export"): ("401 200 200 200 200", None),
    ("POST", "templates/<key>/publish"): ("401 403 403 403 200", {}),
    ("GET", "templates/<key>/versions"): ("401 200 200 200 200", None),
    ("GET", "templates/<key>/diff"): ("401 403 403 403 200", None),
    ("POST", "templates/<key>/replay"): ("401 403 403 403 422", YAML),
    ("POST", "templates/<key>/simulate"): ("401 200 200 200 200", {"form": {}}),
    ("GET", "tickets"): ("401 200 200 200 200", None),
    ("POST", "tickets"): ("401 201 201 201 201", {"template": "leave", "form": LEAVE}),
    ("GET", "tickets/<number>"): ("401 404 200 200 200", None),
    ("PATCH", "tickets/<number>"): ("401 404 409 403 403", {"title": "Mine"}),
    ("GET", "tickets/<number>/events"): ("401 404 200 200 200", None),
    ("POST", "tickets/<number>/submit"): ("401 404 409 403 403", {}),
    ("POST", "tickets/<number>/resubmit"): ("401 404 409 403 403", {}),
    ("POST", "tickets/<number>/withdraw"): ("401 404 200 403 403", {}),
    ("POST", "tickets/<number>/remind"): ("401 404 200 403 200", {}),
    ("POST", "tickets/<number>/rate"): ("401 404 409 403 403", {"score": 5}),
    ("POST", "tickets/<number>/comments"): ("401 404 201 201 201", {"text": "x"}),
    ("POST", "tickets/<number>/watch"): ("401 404 200 200 200", {"users": ["erin"]}),
    ("POST", "tickets/<number>/reassign"): (
        "401 404 403 403 200",
        {"node": "leader", "users": ["erin"], "comment": "gone"},
    ),
    ("POST", "tickets/<number>/copy"): ("401 404 201 403 403", {}),
    ("POST", "tickets/<number>/attachments"): ("401 404 201 201 201", FILE),
    ("POST", "attachments"): ("401 201 201 201 201", FILE),
    ("GET", "attachments/<attachment_id>"): ("401 404 200 200 200", None),
    ("GET", "tasks"): ("401 200 200 200 200", None),
    ("POST", "tasks/bulk"): ("401 200 200 200 200", {"ids": [1], "action": "approve"}),
    ("POST", "tasks/<task_id>/approve"): ("401 404 403 200 403", {}),
    ("POST", "tasks/<task_id>/confirm"): ("401 404 403 409 403", {}),
    ("POST", "tasks/<task_id>/veto"): ("401 404 403 200 403", {}),
    ("POST", "tasks/<task_id>/return"): ("401 404 403 200 403", {"comment": "why"}),
    ("POST", "tasks/<task_id>/transfer"): ("401 404 403 200 403", {"users": ["erin"]}),
    ("POST", "tasks/<task_id>/add_sign"): ("401 404 403 200 403", {"users": ["erin"], "position": "with"}),
    ("POST", "tasks/<task_id>/remove_sign"): ("401 404 403 409 403", {"users": ["erin"]}),
    ("GET", "actions"): ("401 200 200 200 200", None),
    ("GET", "hosts"): ("401 200 200 200 200", None),
    ("POST", "hosts"): ("401 403 403 403 201", {"name": "web-09", "connection": "local"}),
    ("POST", "hosts/import"): ("401 403 403 403 200", {"format": "csv", "text": "name\nweb-08\n"}),
    ("GET", "jobs"): ("401 200 200 200 200", None),
    ("GET", "jobs/<job_id>"): ("401 404 200 200 200", None),
    ("GET", "jobs/<job_id>/log"): ("401 404 200 200 200", None),
    ("POST", "jobs/<job_id>/cancel"): ("401 404 200 403 200", {}),
    ("POST", "jobs/<job_id>/rerun"): ("401 404 403 403 409", {"hosts": "all"}),
    ("POST", "jobs/<job_id>/resolve"): ("401 404 403 403 409", {"comment": "by hand"}),
    ("GET", "notifications"): ("401 200 200 200 200", None),
    ("POST", "notifications/read"): ("401 200 200 200 200", {"ids": [1]}),
    ("GET", "deliveries"): ("401 200 200 200 200", None),
    ("POST", "deliveries/<delivery_id>/retry"): ("401 404 404 403 409", {}),
    ("GET", "reports/runs"): ("401 403 403 403 200", None),
    ("GET", "reports/summary"): ("401 403 403 403 200", None),
    ("GET", "reports/monthly.xlsx"): ("401 403 403 403 200", None),
}


def routes() -> set[tuple[str, str]]:
    """(method, route) of everything under /api/v1/, read from the URL table."""
    api = next(found for found in get_resolver().url_patterns if str(found.pattern) == "api/v1/")
    found = set()
    for included in api.url_patterns:
        for pattern in getattr(included, "url_patterns", []):
            route = re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", str(pattern.pattern))
            view = pattern.callback.view_class
            found |= {(m, route) for m in ("GET", "POST", "PUT", "PATCH", "DELETE") if hasattr(view, m.lower())}
    return found


def test_A41_every_route_has_its_row() -> None:
    assert routes() == set(MATRIX)


@pytest.fixture
def places() -> dict[str, object]:
    """alice's open ticket, which waits for bob; her job; her token; bob holds her proxy."""
    ticket, running = submit("leave", LEAVE), submit("nginx-config-sync", NGINX)
    act(running, "bob")
    act(running, "dave")
    dispatch()
    return {
        "number": ticket.number,
        "task_id": pending(ticket).pk,
        "job_id": Job.objects.get(ticket=running).pk,
        "delivery_id": Delivery.objects.filter(recipient=user("bob")).earliest("pk").pk,
        "proxy_id": proxy("alice", "bob", NOW, NOW.replace(year=2099)).pk,
        "token_id": create_token(user=user("alice"), name="x", expires_at=None)[0].pk,
        "key": "leave",
        "attachment_id": uploaded("alice", ticket).pk,
    }


def call(who: str | None, method: str, path: str, body) -> HttpResponse:
    """One request, undone afterwards."""
    with transaction.atomic():
        if isinstance(body, tuple):
            answer = Api(who).client.generic(method, f"/api/v1/{path}", body[1], content_type=body[0])
        else:
            answer = Api(who).send(method, path, body)
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize(("method", "route"), sorted(MATRIX))
def test_A41_the_answers_are_those_declared(places, method, route) -> None:
    statuses, body = MATRIX[method, route]
    path = re.sub(r"<(\w+)>", lambda found: str(places[found.group(1)]), route)
    answers = [call(who, method, path, body) for who in WHO]
    assert " ".join(str(answer.status_code) for answer in answers) == statuses
    for answer in answers:
        assert answer["Cache-Control"] == "no-store"
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json"


@pytest.fixture(scope="module")
def schema():
    return schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))


@pytest.mark.parametrize(("method", "route"), sorted(MATRIX))
def test_every_answer_is_what_the_schema_says(places, schema, method, route) -> None:
    """Its status, its media type and its shape, as a stranger's tool reads them: YAML is what it holds, not a text."""
    path = re.sub(r"<(\w+)>", lambda found: str(places[found.group(1)]), route)
    templates = {re.sub(r"\{\w+\}", "{}", found): found for found in schema.raw_schema["paths"]}
    operation = schema[templates["/api/v1/" + re.sub(r"<\w+>", "{}", route)]][method.lower()]
    for who in WHO:
        answer = call(who, method, path, MATRIX[method, route][1])
        operation.validate_response(_received(answer, method, path))


def _received(answer: HttpResponse, method: str, path: str) -> Response:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = {name: [value] for name, value in answer.headers.items()}
    request = requests.Request(method, f"http://testserver/api/v1/{path}").prepare()
    return Response(answer.status_code, headers, content, request, elapsed=0, verify=True)


def test_A07_a_get_changes_nothing(places) -> None:
    """A link in a mail may be fetched by a scanner: what acts refuses GET, what answers GET does not act."""

    def rows() -> tuple:
        return Event.objects.count(), list(Ticket.objects.values_list()), list(ApprovalTask.objects.values_list())

    before = rows()
    for _method, route in sorted(MATRIX):
        path = re.sub(r"<(\w+)>", lambda found: str(places[found.group(1)]), route)
        answer = Api("bob").get(path)
        assert (answer.status_code == 405) is (("GET", route) not in MATRIX), route
        assert rows() == before, route


@pytest.mark.parametrize("who", ["heidi", "frank"])
def test_I23_a_stranger_finds_the_ticket_in_no_list(places, who) -> None:
    api = Api(who)
    lists = [api.get("tickets", box=box, q=places["number"]) for box in ("todo", "done", "mine", "cc", "all")]
    lists += [api.get("tasks"), api.get("jobs"), api.get("notifications"), api.get("deliveries")]
    for answer in lists:
        assert answer.status_code == 200
        assert str(places["number"]) not in answer.content.decode()
