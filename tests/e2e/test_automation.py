"""Automation from start to end with Ansible: one job in a real browser, and by every call of the API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.e2e.pages import new_page, open_as
from tests.house import House, Person, wait_for
from tests.packages import Packages

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.timeout(900)]
PATIENCE_S = 240  # on a machine that is busy with other things
HOSTS = ["demo-01", "demo-02", "demo-03"]
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


def serves(house: House) -> list[str]:
    """Which version serves on each host, in order."""
    return [str(Path(house.home / "hosts" / name / "srv/web/current").readlink()) for name in HOSTS]


def act(page: Page, verb: str) -> None:
    """Press what can be done with the job, and say yes."""
    page.get_by_test_id(f"job-{verb}").click()
    page.get_by_test_id("dialog-confirm").click()
    expect(page.get_by_test_id("dialog-confirm")).to_have_count(0)


def hosts_show(page: Page, *words: str) -> None:
    """The three squares, in order."""
    for name, word in zip(HOSTS, words, strict=True):
        expect(page.get_by_test_id(f"job-host-{name}")).to_contain_text(word, timeout=PATIENCE_S * 1000)


def refusal(person: Person, path: str, **body: Any) -> tuple[int, str]:
    """What a POST that must fail is answered with."""
    headers = {"X-CSRFToken": person.session.cookies["csrftoken"]}
    answer = person.session.post(person.house.api + path, json=body, headers=headers, timeout=20)
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def whole_log(person: Person, path: str) -> str:
    """Read on from offset to offset until it is done."""
    text, offset, done = "", 0, False
    while not done:
        part = person.get(f"{path}/log?offset={offset}")
        assert set(part) == {"text", "next_offset", "size", "done"}
        assert part["next_offset"] == offset + len(part["text"])
        text, offset, done = text + part["text"], part["next_offset"], part["done"]
    return text


def submit(page: Page, packages: Packages) -> str:
    """Fill in the form for all hosts; the number of the ticket."""
    values = {"application": "web", "version": "2.0", "package": packages.url, "sha256": packages.sha256}
    for field, value in values.items():
        page.get_by_test_id(f"field-{field}").fill(value)
    page.get_by_test_id("field-hosts").click()
    for name in HOSTS:
        page.get_by_test_id(f"host-option-{name}").click()
    page.keyboard.press("Escape")
    page.get_by_test_id("submit-ticket").click()
    expect(page.get_by_test_id("ticket-number")).to_contain_text("JRN-")
    return page.get_by_test_id("ticket-number").inner_text().strip()


def check_shapes(job: dict[str, Any], row: dict[str, Any]) -> None:
    """What `GET jobs/{id}` and a row of `GET jobs` say while the first batch runs."""
    assert set(row) == JOB_KEYS
    assert row["id"] == job["id"]
    assert job.keys() >= JOB_KEYS
    assert (job["executor"], job["attempt"], job["finished_at"]) == ("ansible", 1, None)
    plan = job["plan"]
    assert plan.keys() >= {"action", "version", "params", "targets", "digest"}
    assert (plan["action"], plan["params"]["version"], plan["batch"]) == ("release.deploy", "2.0", 1)
    assert [set(target) for target in plan["targets"]] == [{"name", "address", "connection"}] * 3
    assert plan["rollback"]["action"] == "release.rollback"
    assert [host.keys() >= {"name", "status", "changed", "message"} for host in job["hosts"]] == [True] * 3
    assert job["progress"] == {"batch": 1, "batches": 3, "done": 0, "total": 3}
    assert job["dry_run"]["state"] == "done"
    assert job["dry_run"]["summary"].keys() == {"hosts", "changed", "failed", "unforeseen"}
    assert job["dry_run"]["digest"]
    assert set(job["allowed_actions"]) == {"pause", "cancel"}


def check_log(page: Page) -> None:
    """The log on the page: of one host, searched, and as a file."""
    log = page.get_by_test_id("job-log")
    expect(log).to_contain_text("Ended: rolled_back")
    page.get_by_test_id("job-host-demo-01").get_by_role("button").click()
    expect(log).to_contain_text("changed: [demo-01]")
    expect(log).not_to_contain_text("changed: [demo-02]")
    page.get_by_test_id("log-host").click()
    page.get_by_test_id("log-search").fill("demo-02")
    expect(log.locator("mark.here").first).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_test_id("log-download").click()
    text = waiting.value.path().read_text(encoding="utf-8")
    assert text.startswith("Attempt 1: release.deploy")
    assert text.rstrip().endswith("Resolved by erin")


def test_a_release_is_foreseen_paused_cancelled_tried_again_and_taken_back(browser, house, packages, template) -> None:
    """The same job on the page and by every call of the API: each release takes Ansible a minute."""
    lay_out(house, "web")
    alice = open_as(browser, house, "alice", f"/templates/{template}/new")
    number = submit(alice, packages)
    applicant, erin = Person(house, "alice"), Person(house, "erin")

    # Foreseen: a sentence and the difference on the page, the sentence on the card; nothing has changed yet.
    bob = open_as(browser, house, "bob", f"/tickets/{number}")
    words = bob.get_by_test_id("dry-run-words")
    expect(words).to_contain_text("3 台", timeout=PATIENCE_S * 1000)
    bob.get_by_test_id("dry-run-diff").locator("summary").first.click()
    bob.get_by_test_id("foreseen-demo-02").locator("summary").click()
    expect(bob.get_by_test_id("foreseen-demo-02")).to_contain_text("srv/web/current")
    expect(bob.get_by_test_id("foreseen-demo-02")).to_contain_text("releases/2.0")
    phone = new_page(browser)
    phone.goto(f"{house.wecom}/phone/bob")
    card = phone.locator("[data-task-id]").filter(has_text=number).filter(has_text=words.inner_text())
    expect(card.first).to_be_visible(timeout=PATIENCE_S * 1000)
    assert serves(house) == ["releases/1.0"] * 3

    # Approved: the first batch begins, and is held by its download. A pause is asked for, taken back, asked for again.
    packages.hold()
    bob.get_by_test_id("decision-approve").click()
    operator = open_as(browser, house, "erin", "/admin/jobs")
    operator.get_by_role("row").filter(has_text=number).get_by_role("link").first.click()
    expect(operator.get_by_test_id("job-ticket")).to_contain_text(number)
    expect(operator.get_by_test_id("job-batches")).to_contain_text("第 3 批")
    [row] = erin.get(f"jobs?ticket={number}")["results"]
    path = f"jobs/{row['id']}"

    def until(state: str, attempt: int) -> dict[str, Any]:
        def found() -> dict[str, Any] | None:
            now = erin.get(path)
            return now if (now["state"], now["attempt"]) == (state, attempt) else None

        return wait_for(found, f"{state} job, attempt {attempt}", PATIENCE_S)

    def statuses() -> list[str]:
        return [host["status"] for host in erin.get(path)["hosts"]]

    check_shapes(until("running", 1), row)
    foreseen = erin.get(f"{path}/diff")
    assert [host["name"] for host in foreseen["hosts"]] == HOSTS
    items = [item for host in foreseen["hosts"] for item in host["items"]]
    assert {frozenset(item) for item in items} == {frozenset({"path", "diff"})}
    assert any("/srv/web/current" in item["path"] for item in items)
    assert applicant.post(f"{path}/pause")["pause_requested_at"]
    assert erin.post(f"{path}/resume")["pause_requested_at"] is None
    act(operator, "pause")
    expect(operator.get_by_test_id("job-page")).to_contain_text("这一批做完就暂停")
    packages.let_go()
    expect(operator.get_by_test_id("job-page")).to_contain_text("已暂停在两批之间", timeout=PATIENCE_S * 1000)
    hosts_show(operator, "已变更", "等待", "等待")
    assert serves(house) == ["releases/2.0", "releases/1.0", "releases/1.0"]
    assert until("paused", 1)["progress"] == {"batch": 2, "batches": 3, "done": 1, "total": 3}
    assert refusal(applicant, f"{path}/resume") == (403, "not_allowed")
    assert refusal(Person(house, "heidi"), f"{path}/resume") == (404, "not_found")
    assert refusal(erin, f"{path}/rerun", hosts="failed")[0] == 409

    # Resumed, and cancelled in the middle of the second batch: what would be left is foreseen.
    packages.hold()
    act(operator, "resume")
    wait_for(lambda: packages.held, "the second download", PATIENCE_S)
    assert erin.post(f"{path}/cancel")["cancel_requested_at"]
    assert until("cancelled", 2)["outcome"] == "cancelled"
    packages.let_go()
    assert statuses() == ["changed", "cancelled", "not_reached"]
    expect(alice.get_by_test_id("ticket-state")).to_contain_text("执行异常", timeout=PATIENCE_S * 1000)
    assert erin.post(f"{path}/dry_run")["state"] in ("waiting", "running", "done")
    wait_for(lambda: erin.get(f"{path}/diff")["state"] == "done", "the second dry run", PATIENCE_S)
    assert [host["changed"] for host in erin.get(f"{path}/diff")["hosts"]] == [False, True, True]

    # What is left runs again, and only that: the second host gets a damaged package and fails, the third is left alone.
    packages.is_damaged = True
    act(operator, "rerun")
    expect(operator.get_by_test_id("job-outcome")).to_contain_text("只有一部分主机完成", timeout=PATIENCE_S * 1000)
    hosts_show(operator, "已变更", "失败", "没有执行")
    expect(operator.get_by_test_id("job-batches")).to_contain_text("checksum")
    failed = until("failed", 3)
    assert (failed["outcome"], statuses()) == ("partial", ["changed", "failed", "skipped"])
    assert "checksum" in failed["hosts"][1]["message"]
    assert set(failed["allowed_actions"]) >= {"rerun", "rollback", "resolve"}
    assert serves(house) == ["releases/2.0", "releases/1.0", "releases/1.0"]
    assert not (house.home / "hosts/demo-02/srv/web/releases/2.0/RELEASE").exists()

    # Taken back, by what was signed with the plan; then said to be settled.
    act(operator, "rollback")
    hosts_show(operator, "已回滚", "已回滚", "没有执行")
    expect(operator.get_by_test_id("job-outcome")).to_contain_text("已回滚", timeout=PATIENCE_S * 1000)
    taken_back = erin.get(path)
    assert (taken_back["outcome"], taken_back["is_rollback"], taken_back["attempt"]) == ("rolled_back", True, 4)
    assert serves(house) == ["releases/1.0"] * 3
    assert refusal(erin, f"{path}/resolve", comment=" ") == (422, "comment_required")
    erin.post(f"{path}/resolve", comment="stays at 1.0")
    expect(alice.get_by_test_id("decision-confirm")).to_be_visible(timeout=PATIENCE_S * 1000)

    check_log(operator)
    text = whole_log(erin, path)
    for line in ("Attempt 1: release.deploy", "PLAY RECAP", "Ended: cancelled", "rollback by release.rollback"):
        assert line in text
    assert text.rstrip().endswith("Resolved by erin")
    assert requests.get(f"{house.api}{path}", timeout=10).status_code == 401
    kinds = [event["kind"] for event in applicant.get(f"tickets/{number}/events?limit=100")["results"]]
    assert {"plan.foreseen", "execution.approved", "job.resumed", "job.rerun", "job.finished"} <= set(kinds)
    assert [page.problems for page in (alice, bob, phone, operator)] == [[], [], [], []]
