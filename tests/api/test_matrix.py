"""Every route × anonymous, a stranger, the applicant, the approver, an administrator (A01, A41, I23; kind T5).

A route without a row here fails the build.
"""

import re
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import get_resolver, resolve

from accounts.commands import create_token
from automation.actions.library import shipped
from automation.actions.store import store_shipped
from automation.models import ActionSync, AuditRun, Host, InventoryRun, InventorySource, Job
from automation.models.dry_run import DryRun
from config import web
from notify.models import Delivery
from reports.models import Sending
from tests.api import answers
from tests.api.calls import Answer, Api
from tests.automation.foreseeing import faked, foresee
from tests.automation.keys import keep
from tests.automation.shells.props import crank, enrolled, rule, typed
from tests.factories import LEAVE, NGINX, NOW, act, pending, proxy, submit, user
from tests.tickets.attachments.files import uploaded
from tickets.background.dispatch import dispatch
from tickets.models import ApprovalTask, Event, Ticket

pytestmark = pytest.mark.usefixtures("world")
WHO = (None, "heidi", "alice", "bob", "admin")
YAML = ("application/yaml", b"apiVersion: baton/v1")
FILE = (
    "multipart/form-data; boundary=b",
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--b--\r\n',
)
PROXY = {"agent": "frank", "starts_at": "2026-11-21T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z"}
VAULT = {"vault": {"mount": "secret", "path": "ci", "fields": {"token": "token"}}}

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
    ("GET", "studio/templates"): ("401 403 403 403 200", None),
    ("GET", "templates"): ("401 200 200 200 200", None),
    ("POST", "templates/check"): ("401 200 200 200 200", YAML),
    ("POST", "templates/import"): ("401 403 403 403 422", YAML),
    ("GET", "templates/<key>"): ("401 200 200 200 200", None),
    ("GET", "templates/<key>/export"): ("401 200 200 200 200", None),
    ("GET", "templates/<key>/draft"): ("401 403 403 403 200", None),
    ("PUT", "templates/<key>/draft"): ("401 403 403 403 200", YAML),
    ("DELETE", "templates/<key>/draft"): ("401 403 403 403 404", None),
    ("POST", "templates/<key>/publish"): ("401 403 403 403 200", {}),
    ("DELETE", "templates/<key>/publish"): ("401 403 403 403 409", None),
    ("POST", "templates/<key>/retire"): ("401 403 403 403 200", {}),
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
    ("GET", "tickets/<number>/plans/<node>/machine"): ("401 404 200 200 200", None),
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
    ("GET", "actions/sync"): ("401 403 403 403 200", None),
    ("POST", "actions/sync"): ("401 403 403 403 409", {}),
    ("GET", "actions/<action>"): ("401 200 200 200 200", None),
    ("GET", "actions/<action>/versions/<version>"): ("401 403 403 403 200", None),
    ("POST", "actions/<action>/versions/<version>/release"): ("401 403 403 403 409", {}),
    ("POST", "actions/<action>/versions/<version>/withdraw"): ("401 403 403 403 200", {"note": "x"}),
    ("GET", "hosts"): ("401 200 200 200 200", None),
    ("POST", "hosts"): ("401 403 403 403 201", {"name": "web-09", "connection": "local"}),
    ("POST", "hosts/import"): ("401 403 403 403 200", {"format": "csv", "text": "name\nweb-08\n"}),
    ("GET", "credentials"): ("401 403 403 403 200", None),
    ("POST", "credentials"): ("401 403 403 403 201", VAULT | {"name": "other", "kind": "token"}),
    ("PATCH", "credentials/<credential>"): ("401 403 403 403 200", {"description": "x"}),
    ("DELETE", "credentials/<credential>"): ("401 403 403 403 204", None),
    ("POST", "hosts/check"): ("401 403 403 403 202", {"names": ["demo-01"]}),
    ("GET", "inventory/sources"): ("401 403 403 403 200", None),
    ("POST", "inventory/sources"): ("401 403 403 403 201", {"name": "cmdb", "kind": "table", "path": "a.csv"}),
    ("GET", "inventory/sources/<source_id>"): ("401 403 403 403 200", None),
    ("PATCH", "inventory/sources/<source_id>"): ("401 403 403 403 200", {"applies": True}),
    ("DELETE", "inventory/sources/<source_id>"): ("401 403 403 403 204", None),
    ("POST", "inventory/sources/<source_id>/run"): ("401 403 403 403 202", {}),
    ("GET", "inventory/sources/<source_id>/runs"): ("401 403 403 403 200", None),
    ("GET", "inventory/runs/<run_id>"): ("401 403 403 403 200", None),
    ("GET", "hosts/export"): ("401 403 403 403 200", None),
    ("GET", "hosts/<name>"): ("401 200 200 200 200", None),
    ("PATCH", "hosts/<name>"): ("401 403 403 403 200", {"port": 23}),
    ("DELETE", "hosts/<name>"): ("401 403 403 403 204", None),
    ("GET", "hosts/<name>/impact"): ("401 403 403 403 200", None),
    ("GET", "inventory"): ("401 200 200 200 200", None),
    ("GET", "groups"): ("401 200 200 200 200", None),
    ("POST", "groups"): ("401 403 403 403 201", {"name": "edge"}),
    ("GET", "groups/<group>"): ("401 200 200 200 200", None),
    ("PATCH", "groups/<group>"): ("401 403 403 403 200", {"description": "x"}),
    ("DELETE", "groups/<group>"): ("401 403 403 403 409", None),
    ("POST", "groups/<group>/hosts"): ("401 403 403 403 200", {"add": ["demo-01"]}),
    ("GET", "audit/runs"): ("401 403 403 403 200", None),
    ("GET", "audit/runs/export"): ("401 403 403 403 200", None),
    ("GET", "shell/lines"): ("401 403 403 403 200", None),
    ("GET", "shell/lines/export"): ("401 403 403 403 200", None),
    ("GET", "shell/hosts"): ("401 403 403 403 200", None),
    ("GET", "shell/words"): ("401 403 403 403 200", None),
    ("POST", "shell/words"): ("401 403 403 403 201", {"pattern": "useradd"}),
    ("GET", "shell/words/<word_id>"): ("401 403 403 403 200", None),
    ("PATCH", "shell/words/<word_id>"): ("401 403 403 403 200", {"is_active": False}),
    ("DELETE", "shell/words/<word_id>"): ("401 403 403 403 204", None),
    ("GET", "shell/alarms"): ("401 403 403 403 200", None),
    ("GET", "jobs"): ("401 200 200 200 200", None),
    ("GET", "jobs/<job_id>"): ("401 404 200 200 200", None),
    ("GET", "jobs/<job_id>/log"): ("401 404 200 200 200", None),
    ("GET", "jobs/<job_id>/log/search"): ("401 404 200 200 200", None),
    ("GET", "jobs/<job_id>/log/download"): ("401 404 200 200 200", None),
    ("POST", "jobs/<job_id>/hosts/<host>"): ("401 404 403 403 409", {"status": "ok"}),
    ("GET", "jobs/<job_id>/diff"): ("401 404 200 200 200", None),
    ("POST", "jobs/<job_id>/dry_run"): ("401 404 202 403 202", {}),
    ("GET", "tickets/<number>/plans/<node>/diff"): ("401 404 200 200 200", None),
    ("POST", "tickets/<number>/plans/<node>/dry_run"): ("401 404 202 202 202", {}),
    ("POST", "jobs/<job_id>/cancel"): ("401 404 200 403 200", {}),
    ("POST", "jobs/<job_id>/pause"): ("401 404 409 403 409", {}),
    ("POST", "jobs/<job_id>/resume"): ("401 404 403 403 409", {}),
    ("POST", "jobs/<job_id>/rollback"): ("401 404 403 403 409", {}),
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

# What a route must be asked
QUERIES = {"jobs/<job_id>/log/search": "?q=x"}


def routes() -> set[tuple[str, str]]:
    """(method, route) of everything under /api/v1/, read from the URL table."""
    api: Any = next(found for found in get_resolver().url_patterns if str(found.pattern) == "api/v1/")
    found = set()
    for included in api.url_patterns:
        for pattern in getattr(included, "url_patterns", []):
            route = re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", str(pattern.pattern))
            view = pattern.callback.view_class
            found |= {(m, route) for m in ("GET", "POST", "PUT", "PATCH", "DELETE") if hasattr(view, m.lower())}
    return found


def test_A41_every_route_has_its_row() -> None:
    assert routes() == set(MATRIX)


@pytest.fixture(scope="module")
def places(_loaded) -> dict[str, object]:
    """alice's open ticket, which waits for bob; her job; her token; bob holds her proxy. Every list has a row.

    Every request is undone, so that all tests may share them.
    """
    store_shipped(shipped().values())
    ticket, running = submit("leave", LEAVE), submit("nginx-config-sync", NGINX)
    act(running, "bob")
    act(running, "dave")
    dispatch()
    job = Job.objects.get(ticket=running)
    with faked():
        foreseen = foresee(submit("nginx-config-sync", NGINX))
    DryRun.objects.filter(pk=foreseen.pk).update(created_at=NOW)
    word = rule(user("admin"))
    typed(enrolled(), "rm -rf /")
    crank()
    AuditRun.objects.create(
        job=job, attempt=1, mode="run", ticket=running, node="run", action=job.action, version="1", executor="ansible",
        params={}, began_at=NOW,
    )  # fmt: skip
    ActionSync.objects.create(source="/actions", asked_at=NOW)
    Sending.objects.create(month="2026-10", recipient=user("bob"), channel="mail", created_at=NOW, due_at=NOW)
    return {
        "number": ticket.number,
        "planned": foreseen.ticket.number,
        "task_id": pending(ticket).pk,
        "job_id": job.pk,
        "delivery_id": Delivery.objects.filter(recipient=user("bob")).earliest("pk").pk,
        "proxy_id": proxy("alice", "bob", NOW, NOW.replace(year=2099)).pk,
        "token_id": create_token(user=user("alice"), name="x", expires_at=None)[0].pk,
        "key": "leave",
        "node": "run",
        "action": "dns.set_record",
        "version": shipped()["dns.set_record"].version,
        "host": "demo-01",
        "credential": keep(user("admin"), "ci", "token", **VAULT).name,
        "source_id": (source := InventorySource.objects.create(name="old", kind="table", path="b.csv")).pk,
        "run_id": InventoryRun.objects.create(source=source, state="done", created_at=NOW).pk,
        "name": Host.objects.create(name="spare-01").name,
        "group": "demo",
        "word_id": word.pk,
        "attachment_id": uploaded("alice", ticket).pk,
    }


def path_of(route: str, places: dict[str, object]) -> str:
    """The route with its places filled in; of plans those of a ticket whose dry run is done, and longer ago."""
    if "/plans/" in route:
        places = places | {"number": places["planned"]}
    return re.sub(r"<(\w+)>", lambda found: str(places[found.group(1)]), route) + QUERIES.get(route, "")


def call(who: str | None, method: str, path: str, body) -> Answer:
    """One request, undone afterwards; its answer is one that the schema allows."""
    with transaction.atomic():
        if isinstance(body, tuple):
            answer = Api(who).client.generic(method, f"/api/v1/{path}", body[1], content_type=body[0])
        else:
            answer = Api(who).send(method, path, body)
        transaction.set_rollback(True)
    answers.check(method, f"/api/v1/{path}".partition("?")[0], answer)
    return answer


@pytest.mark.parametrize(("method", "route"), sorted(MATRIX))
def test_A41_the_answers_are_those_declared(places, method, route) -> None:
    statuses, body = MATRIX[method, route]
    path = path_of(route, places)
    got = [call(who, method, path, body) for who in WHO]
    assert " ".join(str(answer.status_code) for answer in got) == statuses
    for answer in got:
        assert answer["Cache-Control"] == "no-store"
    told = [answer.json() for answer in got if answer.get("Content-Type") == "application/json"]
    lists = [found["results"] for found in told if "results" in found] if method == "GET" else []
    assert not lists or any(lists), "no row was compared"


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


def test_A14_there_is_no_admin_site() -> None:
    """Decisions and states are nobody's to type: /admin is a page of the web app, which has the API and no more."""
    assert not apps.is_installed("django.contrib.admin")
    assert resolve("/admin/tickets/approvaltask/add/").func is web.index


@pytest.mark.parametrize("who", ["heidi", "frank"])
def test_I23_a_stranger_finds_the_ticket_in_no_list(places, who) -> None:
    api = Api(who)
    lists = [api.get("tickets", box=box, q=places["number"]) for box in ("todo", "done", "mine", "cc", "all")]
    lists += [api.get("tasks"), api.get("jobs"), api.get("notifications"), api.get("deliveries")]
    for answer in lists:
        assert answer.status_code == 200
        assert str(places["number"]) not in answer.content.decode()
