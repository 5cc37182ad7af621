"""What succeeds only in some state is compared with the schema as well; the rest is in test_matrix.py."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.trail.acts import SYSTEM
from automation.actions.document import load_action
from automation.actions.seals import seal
from automation.actions.store import found_version, next_change
from automation.background.run import run
from automation.commands.claim import claim
from automation.commands.finish import finish
from automation.executors.base import HostResult
from automation.executors.verdict import PAUSED, Verdict
from automation.models import HostGroup, Job
from notify.models import Delivery
from templates_engine.store.drafts import keep
from templates_engine.store.scheduling import schedule
from tests.api import answers
from tests.api.test_matrix import MATRIX, call
from tests.factories import LEAVE, NGINX, NOW, act, approval, document, move, pending, submit, template, user
from tickets.background.dispatch import dispatch

pytestmark = pytest.mark.usefixtures("world", "shipped_actions")
BOB = {"user": "bob"}
TWO = ["demo-01", "demo-02"]
HOSTS = {"key": "hosts", "type": "hosts", "label": "H", "required": True}
SQL = {"database": "'orders'", "sql": "'SELECT 1'"}
BACK = {"action": "database.run_change", "params": SQL}


def job(action: str = "database.run_change", params: dict[str, str] = SQL, **more: object) -> Job:
    """A waiting job on two hosts, one after the other."""
    node = {"node": "run", "type": "automation", "action": action, "targets": "form.hosts", "params": params, **more}
    template([approval("leader", BOB), node], [HOSTS])
    now = timezone.now()  # an approval is valid for some days
    act(ticket := submit(form={"hosts": TWO}, at=now), "bob", at=now)
    dispatch()
    return Job.objects.get(ticket=ticket)


def ended(found: Job, outcome: str, *statuses: str) -> str:
    """What became of one attempt at it."""
    attempt = claim(found.pk).attempt
    results = {host: HostResult(status) for host, status in zip(TWO, statuses, strict=True)}
    assert finish(found.pk, attempt, "", Verdict(outcome, results))
    return f"jobs/{found.pk}"


def failed() -> str:
    return ended(job(rollback=BACK), "failed", "changed", "failed")


def running() -> str:
    claim((found := job(batch=1)).pk)
    return f"jobs/{found.pk}"


def by_hand() -> str:
    found = job("manual.task", {"task": "'Pull the plug'"})
    run(found.pk)
    return f"jobs/{found.pk}"


def empty_group() -> str:
    return f"groups/{HostGroup.objects.create(name='empty').name}"


def draft() -> str:
    return f"tickets/{submit('leave', LEAVE, draft=True).number}"


def returned() -> str:
    return f"tickets/{act(submit('leave', LEAVE), 'bob', 'return', comment='why').number}"


def completed() -> str:
    template([approval("leader", BOB)], rating=True)
    return f"tickets/{act(submit(), 'bob').number}"


def to_confirm() -> str:
    template([{"node": "c", "type": "confirm", "assignees": [BOB]}])
    return f"tasks/{pending(submit()).pk}"


def signed_with() -> str:
    template([approval("leader", BOB)])
    move(ticket := submit(), "bob", "add_sign", "erin", position="with")
    return f"tasks/{pending(ticket, 'bob').pk}"


def undelivered() -> str:
    submit("leave", LEAVE)
    dispatch()
    found = Delivery.objects.filter(recipient=user("bob")).earliest("pk")
    Delivery.objects.filter(pk=found.pk).update(state="failed")
    return f"deliveries/{found.pk}"


def unreleased() -> str:
    """A version that was found, and that nobody has released."""
    action = load_action(Path(__file__).parents[1] / "automation/library/test.note")
    seal(found_version(action, "source", "", NOW, next_change())).save(force_insert=True)
    return f"actions/{action.key}/versions/{action.version}"


def drafted() -> str:
    """The draft of a template."""
    keep(key="leave", text=b"half", revision=0, actor=user("admin"), at=NOW)
    return "templates/leave/draft"


def scheduled() -> str:
    """A template with a publication that waits."""
    when = {"due_at": NOW + timedelta(days=9), "at": NOW}
    schedule(key="leave", number=1, actor=user("admin"), origin=SYSTEM, note="", **when)
    return "templates/leave/publish"


def text(key: str = "t") -> tuple[str, bytes]:
    """A template as YAML."""
    return "application/yaml", document([approval("leader", BOB)], key=key).encode()


# method and route → who, what prepares it and tells the path, the body
CASES: dict[tuple[str, str], tuple[str, Callable[[], str], object]] = {
    ("PATCH", "tickets/<number>"): ("alice", draft, {"title": "Mine"}),
    ("POST", "tickets/<number>/submit"): ("alice", lambda: f"{draft()}/submit", {}),
    ("POST", "tickets/<number>/resubmit"): ("alice", lambda: f"{returned()}/resubmit", {}),
    ("POST", "tickets/<number>/rate"): ("alice", lambda: f"{completed()}/rate", {"score": 5}),
    ("DELETE", "groups/<group>"): ("admin", empty_group, None),
    ("POST", "tasks/<task_id>/confirm"): ("bob", lambda: f"{to_confirm()}/confirm", {}),
    ("POST", "tasks/<task_id>/remove_sign"): ("bob", lambda: f"{signed_with()}/remove_sign", {"users": ["erin"]}),
    ("POST", "templates/import"): ("admin", lambda: "templates/import", text()),
    ("DELETE", "templates/<key>/draft"): ("admin", drafted, None),
    ("DELETE", "templates/<key>/publish"): ("admin", scheduled, None),
    ("POST", "templates/<key>/replay"): ("admin", lambda: "templates/leave/replay", text("leave")),
    ("POST", "actions/sync"): ("admin", lambda: "actions/sync", {}),
    ("POST", "actions/<action>/versions/<version>/release"): ("admin", lambda: f"{unreleased()}/release", {}),
    ("POST", "jobs/<job_id>/hosts/<host>"): ("erin", lambda: f"{by_hand()}/hosts/demo-01", {"status": "ok"}),
    ("POST", "jobs/<job_id>/pause"): ("admin", lambda: f"{running()}/pause", {}),
    ("POST", "jobs/<job_id>/resume"): (
        "admin", lambda: f"{ended(job(batch=1), PAUSED, 'changed', 'waiting')}/resume", {"comment": "go"},
    ),
    ("POST", "jobs/<job_id>/rerun"): ("admin", lambda: f"{failed()}/rerun", {"hosts": "failed", "comment": "again"}),
    ("POST", "jobs/<job_id>/rollback"): ("admin", lambda: f"{failed()}/rollback", {"comment": "back"}),
    ("POST", "jobs/<job_id>/resolve"): ("admin", lambda: f"{failed()}/resolve", {"comment": "by hand"}),
    ("POST", "deliveries/<delivery_id>/retry"): ("admin", lambda: f"{undelivered()}/retry", {}),
}  # fmt: skip


@pytest.mark.parametrize(("method", "route"), sorted(CASES))
def test_an_answer_of_success_is_what_the_schema_says(settings, tmp_path, method, route) -> None:
    settings.ACTIONS_SOURCE = str(tmp_path)
    who, path, body = CASES[method, route]
    answer = call(who, method, path(), body)
    assert 200 <= answer.status_code < 300, answer.content


def test_what_a_reader_sees_of_a_ticket_that_runs_something() -> None:
    leave, nginx = submit("leave", LEAVE), act(submit("nginx-config-sync", NGINX), "bob")
    paths = ("tickets?box=todo", f"tickets/{leave.number}", f"tickets/{nginx.number}", f"tickets/{nginx.number}/events")
    for path in (*paths, "tasks?state=approved"):
        assert call("bob", "GET", path, None).status_code == 200


def test_every_operation_of_the_schema_succeeds_here_or_in_the_matrix() -> None:
    """So that no answer is declared and never compared."""
    succeed = set(CASES) | {row for row, (statuses, _body) in MATRIX.items() if " 2" in statuses}
    assert {(method, f"/api/v1/{route}".replace("<", "{").replace(">", "}")) for method, route in succeed} == set(
        answers.operations()
    )
