"""Automation from start to end with Ansible: in a real browser, and by every job call of the API."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.house import PASSWORD, House, Person, wait_for
from tests.packages import Packages

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.timeout(900)]
PATIENCE_S = 240  # on a machine that is busy with other things
HOSTS = ["demo-01", "demo-02", "demo-03"]
TWO = HOSTS[:2]
JOB_KEYS = {
    "id", "ticket", "node", "node_name", "action", "action_name", "state", "outcome", "attempt", "site",
    "executor_away", "is_rollback", "not_before", "expires_at", "created_at", "started_at", "finished_at",
    "reason", "waits_for", "holds_hosts",
}  # fmt: skip
TEMPLATE = """
apiVersion: baton/v1
kind: TicketTemplate
key: journey-release
name: {zh: 分批发布, en: Release in batches}
category: 发布
number_prefix: JRN
visible_to: [everyone]
form:
  - {key: application, type: text, label: {zh: 应用, en: Application}, required: true}
  - {key: version, type: text, label: {zh: 版本, en: Version}, required: true}
  - {key: package, type: text, label: {zh: 软件包, en: Package}, required: true}
  - {key: sha256, type: text, label: {zh: 校验和, en: Sum}, required: true}
  - {key: hosts, type: hosts, label: {zh: 主机, en: Hosts}, required: true, max_items: 50}
chain:
  - {node: leader, type: approval, name: {zh: 直属上级, en: Manager}, approvers: [{manager: 1}]}
  - {node: deploy, type: automation, name: {zh: 发布, en: Deploy}, action: release.deploy, targets: form.hosts,
     params: {application: form.application, version: form.version, package: form.package, sha256: form.sha256},
     batch: 1, on_failure: stop, rollback: previous, dry_run: required}
  - {node: check, type: confirm, name: {zh: 验证, en: Verify}, assignees: [{applicant: true}]}
"""


@pytest.fixture
def packages() -> Iterator[Packages]:
    server = Packages()
    yield server
    server.close()


@pytest.fixture
def template(house: House) -> str:
    """The template, as an administrator imports it."""
    admin = Person(house, "admin")
    headers = {"Content-Type": "application/yaml", "X-CSRFToken": admin.session.cookies["csrftoken"]}
    path = f"{house.api}templates/import?publish=true"
    answer = admin.session.post(path, data=TEMPLATE.encode(), headers=headers, timeout=20)
    assert answer.status_code == 201, answer.text
    return "journey-release"


def lay_out(house: House, application: str) -> None:
    """Version 1.0 serves on every host."""
    for name in HOSTS:
        base = house.home / "hosts" / name / "srv" / application
        for folder in ("releases/1.0", "packages"):
            (base / folder).mkdir(parents=True)
        (base / "releases/1.0/RELEASE").write_text("1.0\n")
        (base / "current").symlink_to("releases/1.0")


def serves(house: House, application: str) -> list[str]:
    """Which version serves on each host, in order."""
    return [str(Path(house.home / "hosts" / name / "srv" / application / "current").readlink()) for name in HOSTS]


@pytest.fixture(autouse=True)
def _patient() -> Iterator[None]:
    """Pages may take longer than five seconds to show what they fetched where much else runs."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


def open_as(browser: Browser, house: House, username: str) -> Any:
    """A page, with `problems`: the errors that it met."""
    page: Any = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(60_000)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(f"{house.url}/login")
    page.get_by_test_id("login-username").fill(username)
    page.get_by_test_id("login-password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    page.wait_for_url(re.compile(r"^(?!.*/login)"))
    return page


def act(page: Page, verb: str) -> None:
    """Press what can be done with the job, and say yes."""
    page.get_by_test_id(f"job-{verb}").click()
    page.get_by_test_id("dialog-confirm").click()
    expect(page.get_by_test_id("dialog-confirm")).to_have_count(0)


def hosts_show(page: Page, *words: str) -> None:
    """The three squares, in order."""
    for name, word in zip(HOSTS, words, strict=True):
        expect(page.get_by_test_id(f"job-host-{name}")).to_contain_text(word, timeout=PATIENCE_S * 1000)


def test_a_release_is_foreseen_paused_mended_and_taken_back(browser, house, packages, template) -> None:
    lay_out(house, "web")
    alice = open_as(browser, house, "alice")
    alice.goto(f"{house.url}/templates/{template}/new")
    values = {"application": "web", "version": "2.0", "package": packages.url, "sha256": packages.sha256}
    for field, value in values.items():
        alice.get_by_test_id(f"field-{field}").fill(value)
    alice.get_by_test_id("field-hosts").click()
    for name in HOSTS:
        alice.get_by_test_id(f"host-option-{name}").click()
    alice.keyboard.press("Escape")
    alice.get_by_test_id("submit-ticket").click()
    expect(alice.get_by_test_id("ticket-number")).to_contain_text("JRN-")
    number = alice.get_by_test_id("ticket-number").inner_text().strip()

    # Foreseen: a sentence and the difference on the page, the sentence on the card; nothing has changed yet.
    bob = open_as(browser, house, "bob")
    bob.goto(f"{house.url}/tickets/{number}")
    words = bob.get_by_test_id("dry-run-words")
    expect(words).to_contain_text("3 台", timeout=PATIENCE_S * 1000)
    bob.get_by_test_id("dry-run-diff").locator("summary").first.click()
    bob.get_by_test_id("foreseen-demo-02").locator("summary").click()
    expect(bob.get_by_test_id("foreseen-demo-02")).to_contain_text("srv/web/current")
    expect(bob.get_by_test_id("foreseen-demo-02")).to_contain_text("releases/2.0")
    phone = open_as(browser, house, "bob")
    phone.goto(f"{house.wecom}/phone/bob")
    card = phone.locator("[data-task-id]").filter(has_text=number).filter(has_text=words.inner_text())
    expect(card.first).to_be_visible(timeout=PATIENCE_S * 1000)
    assert serves(house, "web") == ["releases/1.0"] * 3

    # Approved: the first batch begins, and is held by its download until a pause is asked for.
    packages.hold()
    bob.get_by_test_id("decision-approve").click()
    operator = open_as(browser, house, "erin")
    operator.goto(f"{house.url}/admin/jobs")
    row = operator.get_by_role("row").filter(has_text=number)
    row.get_by_role("link").first.click()
    expect(operator.get_by_test_id("job-batches")).to_contain_text("第 3 批")
    act(operator, "pause")
    expect(operator.get_by_test_id("job-page")).to_contain_text("这一批做完就暂停")
    packages.let_go()
    expect(operator.get_by_test_id("job-page")).to_contain_text("已暂停在两批之间", timeout=PATIENCE_S * 1000)
    hosts_show(operator, "已变更", "等待", "等待")
    assert serves(house, "web") == ["releases/2.0", "releases/1.0", "releases/1.0"]

    # Resumed: the second host gets a damaged package and fails; the third is left alone.
    packages.is_damaged = True
    act(operator, "resume")
    expect(operator.get_by_test_id("job-outcome")).to_contain_text("只有一部分主机完成", timeout=PATIENCE_S * 1000)
    hosts_show(operator, "已变更", "失败", "没有执行")
    expect(operator.get_by_test_id("job-batches")).to_contain_text("checksum")
    expect(alice.get_by_test_id("ticket-state")).to_contain_text("执行异常", timeout=PATIENCE_S * 1000)
    assert serves(house, "web") == ["releases/2.0", "releases/1.0", "releases/1.0"]

    # Mended: what is left runs again, and only that.
    packages.is_damaged = False
    act(operator, "rerun")
    hosts_show(operator, "已变更", "已变更", "已变更")
    expect(alice.get_by_test_id("decision-confirm")).to_be_visible(timeout=PATIENCE_S * 1000)
    assert serves(house, "web") == ["releases/2.0"] * 3

    # Taken back, by what was signed with the plan.
    act(operator, "rollback")
    hosts_show(operator, "已回滚", "已回滚", "已回滚")
    expect(operator.get_by_test_id("job-outcome")).to_contain_text("已回滚", timeout=PATIENCE_S * 1000)
    assert serves(house, "web") == ["releases/1.0"] * 3
    kinds = [event["kind"] for event in Person(house, "alice").get(f"tickets/{number}/events?limit=100")["results"]]
    assert {"plan.foreseen", "execution.approved", "job.resumed", "job.rerun", "job.finished"} <= set(kinds)
    assert [page.problems for page in (alice, bob, phone, operator)] == [[], [], [], []]


def approved(house: House, packages: Packages, template: str, application: str) -> tuple[str, int]:
    """A ticket that bob approved once its dry run was there; its number and the id of its job."""
    alice, bob = Person(house, "alice"), Person(house, "bob")
    form = {"application": application, "version": "2.0", "package": packages.url, "sha256": packages.sha256}
    number = alice.post("tickets", template=template, form={**form, "hosts": TWO})["number"]
    foreseen = f"tickets/{number}/plans/deploy/diff"
    wait_for(lambda: alice.get(foreseen)["state"] == "done", "the dry run", PATIENCE_S)
    ticket = bob.get(f"tickets/{number}")
    task = ticket["tasks"][0]
    bob.post(f"tasks/{task['id']}/approve", digest=task["digest"], ticket_version=ticket["version"])
    return number, wait_for(lambda: alice.get(f"tickets/{number}")["jobs"], "the job", PATIENCE_S)[0]["id"]


def refusal(person: Person, path: str, **body: Any) -> tuple[int, str]:
    """What a POST that must fail is answered with."""
    headers = {"X-CSRFToken": person.session.cookies["csrftoken"]}
    answer = person.session.post(person.house.api + path, json=body, headers=headers, timeout=20)
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def whole_log(person: Person, job: int) -> str:
    """Read on from offset to offset until it is done."""
    text, offset, done = "", 0, False
    while not done:
        part = person.get(f"jobs/{job}/log?offset={offset}")
        assert set(part) == {"text", "next_offset", "size", "done"}
        assert part["next_offset"] == offset + len(part["text"])
        text, offset, done = text + part["text"], part["next_offset"], part["done"]
    return text


def test_every_call_of_a_job_over_the_api(house, packages, template) -> None:
    lay_out(house, "shop")
    packages.hold()
    number, job = approved(house, packages, template, "shop")
    erin, alice, path = Person(house, "erin"), Person(house, "alice"), f"jobs/{job}"

    def until(state: str) -> dict[str, Any]:
        return wait_for(lambda: (found := erin.get(path))["state"] == state and found, f"{state} job", PATIENCE_S)

    def statuses() -> list[str]:
        return [host["status"] for host in erin.get(path)["hosts"]]

    # GET jobs, GET jobs/{id}
    running = until("running")
    listed = erin.get(f"jobs?ticket={number}")
    assert set(listed) == {"results", "next"}
    assert [set(row) for row in listed["results"]] == [JOB_KEYS]
    assert listed["results"][0]["id"] == job
    assert running.keys() >= JOB_KEYS
    assert (running["executor"], running["attempt"], running["finished_at"]) == ("ansible", 1, None)
    plan = running["plan"]
    assert plan.keys() >= {"action", "version", "params", "targets", "digest"}
    assert (plan["action"], plan["params"]["version"], plan["batch"]) == ("release.deploy", "2.0", 1)
    assert [set(target) for target in plan["targets"]] == [{"name", "address", "connection"}] * 2
    assert plan["rollback"]["action"] == "release.rollback"
    assert [host.keys() >= {"name", "status", "changed", "message"} for host in running["hosts"]] == [True] * 2
    assert running["progress"] == {"batch": 1, "batches": 2, "done": 0, "total": 2}
    assert running["dry_run"]["state"] == "done"
    assert running["dry_run"]["summary"].keys() == {"hosts", "changed", "failed", "unforeseen"}
    assert running["dry_run"]["digest"]

    # GET jobs/{id}/diff
    foreseen = erin.get(f"{path}/diff")
    assert [host["name"] for host in foreseen["hosts"]] == TWO
    items = [item for host in foreseen["hosts"] for item in host["items"]]
    assert {frozenset(item) for item in items} == {frozenset({"path", "diff"})}
    assert any("/srv/shop/current" in item["path"] for item in items)

    # pause, resume: asked for and taken back, then for good
    assert set(running["allowed_actions"]) == {"pause", "cancel"}
    assert erin.post(f"{path}/pause")["pause_requested_at"]
    assert erin.post(f"{path}/resume")["pause_requested_at"] is None
    assert alice.post(f"{path}/pause")["pause_requested_at"]
    packages.let_go()
    assert until("paused")["progress"] == {"batch": 2, "batches": 2, "done": 1, "total": 2}
    assert statuses() == ["changed", "waiting"]
    assert refusal(alice, f"{path}/resume") == (403, "not_allowed")
    assert refusal(Person(house, "heidi"), f"{path}/resume") == (404, "not_found")
    assert refusal(erin, f"{path}/rerun", hosts="failed")[0] == 409

    # cancel, in the middle of the second batch
    packages.hold()
    assert erin.post(f"{path}/resume", comment="go on")["state"] in ("waiting", "running")
    wait_for(lambda: packages.held, "the second download", PATIENCE_S)
    assert erin.post(f"{path}/cancel")["cancel_requested_at"]
    cancelled = until("cancelled")
    packages.let_go()
    assert (cancelled["outcome"], statuses()) == ("cancelled", ["changed", "cancelled"])
    assert alice.get(f"tickets/{number}")["state"] == "failed"
    assert serves(house, "shop") == ["releases/2.0", "releases/1.0", "releases/1.0"]  # the third is not in the plan

    # dry_run: what is left
    assert erin.post(f"{path}/dry_run")["state"] in ("waiting", "running", "done")
    wait_for(lambda: erin.get(f"{path}/diff")["state"] == "done", "the second dry run", PATIENCE_S)
    assert [host["changed"] for host in erin.get(f"{path}/diff")["hosts"]] == [False, True]

    # rerun: the second host fails, for its package is damaged
    packages.is_damaged = True
    assert erin.post(f"{path}/rerun", hosts="failed")["state"] in ("waiting", "running")
    failed = wait_for(
        lambda: (now := erin.get(path))["attempt"] == 3 and now["finished_at"] and now, "the rerun", PATIENCE_S
    )
    assert (failed["state"], failed["outcome"]) == ("failed", "partial")
    assert statuses() == ["changed", "failed"]
    assert "checksum" in failed["hosts"][1]["message"]
    assert set(failed["allowed_actions"]) >= {"rerun", "rollback", "resolve"}

    # rollback, then resolve
    assert erin.post(f"{path}/rollback", comment="back")["is_rollback"] is True
    wait_for(lambda: (now := erin.get(path))["attempt"] == 4 and now["finished_at"], "the way back", PATIENCE_S)
    assert erin.get(path)["outcome"] == "rolled_back"
    assert statuses() == ["rolled_back", "rolled_back"]
    assert serves(house, "shop") == ["releases/1.0"] * 3
    assert refusal(erin, f"{path}/resolve", comment=" ") == (422, "comment_required")
    erin.post(f"{path}/resolve", comment="stays at 1.0")
    wait_for(
        lambda: [t for t in alice.get("tasks?state=pending")["results"] if t["node"] == "check"],
        "the next step",
        PATIENCE_S,
    )

    # GET jobs/{id}/log
    text = whole_log(erin, job)
    for line in ("Attempt 1: release.deploy", "PLAY RECAP", "Ended: cancelled", "rollback by release.rollback"):
        assert line in text
    assert text.rstrip().endswith("Resolved by erin")
    assert requests.get(f"{house.api}{path}", timeout=10).status_code == 401
