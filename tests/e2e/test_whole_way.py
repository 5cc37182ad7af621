"""The whole way once, in a real browser: the six steps of a new user."""

import io
import subprocess
from datetime import datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import requests
from playwright.sync_api import Page, expect

from tests.e2e.pages import log_in, new_page, open_as
from tests.house import House, Person, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.timeout(600)]
NOTE = "{{ lookup('pipe','id') }}; rm -rf /\n第二行 😀 'q' \"d\""
SERVER = "shop.example.com"


def submit_ticket(page: Page) -> str:
    """Step 1: the gallery, the form, who will approve, submit. Answers the number."""
    page.get_by_role("link", name="模板", exact=True).first.click()
    page.get_by_test_id("template-card-nginx-config-sync").click()
    page.get_by_test_id("field-server_name").fill(SERVER)
    page.get_by_test_id("field-upstream").fill("10.0.0.8:8080")
    page.get_by_test_id("field-hosts").click()
    for name in ("demo-01", "demo-02"):
        page.get_by_test_id(f"host-option-{name}").click()
    page.keyboard.press("Escape")
    page.get_by_test_id("field-note").fill(NOTE)
    preview = page.get_by_test_id("approver-preview")
    expect(preview).to_contain_text("Bob")
    expect(preview).to_contain_text("Dave")
    page.get_by_test_id("submit-ticket").click()
    number = page.get_by_test_id("ticket-number")
    expect(number).to_contain_text("CHG-")
    return number.inner_text().strip()


def approve_on_the_phone(page: Page, house: House, number: str) -> None:
    """Step 2, first half: the card in bob's chat, one tap, the card shows the decision."""
    page.goto(f"{house.wecom}/phone/bob")
    card = page.locator("[data-task-id]").filter(has_text=number)
    expect(card).to_be_visible(timeout=30_000)
    card.get_by_role("button", name="同意").click()
    expect(card).to_contain_text("通过", timeout=30_000)
    expect(card.get_by_role("button", name="同意")).to_have_count(0)


def approve_on_the_web(page: Page, house: House, number: str) -> None:
    """Step 2, second half: dave decides on the web page."""
    page.goto(f"{house.url}/tickets/{number}")
    page.get_by_test_id("decision-comment").fill("窗口期内可以")
    page.get_by_test_id("decision-approve").click()
    expect(page.get_by_test_id("ticket-state")).not_to_contain_text("审批中", timeout=15_000)


def test_the_whole_way(browser, house, tmp_path) -> None:
    alice = new_page(browser)
    log_in(alice, house, "alice")
    number = submit_ticket(alice)

    bob = new_page(browser)
    approve_on_the_phone(bob, house, number)

    phone = new_page(browser)
    phone.goto(f"{house.wecom}/phone/dave")
    card = phone.locator("[data-task-id]").filter(has_text=number)
    expect(card).to_be_visible(timeout=30_000)
    dave = open_as(browser, house, "dave")
    approve_on_the_web(dave, house, number)
    expect(card).to_contain_text("通过", timeout=30_000)
    expect(card.get_by_role("button", name="同意")).to_have_count(0)

    # Step 3: the playbook has really run; log and per-host result on the page.
    for name in ("demo-01", "demo-02"):
        expect(alice.get_by_test_id(f"job-host-{name}")).to_contain_text("已变更", timeout=60_000)
        written = house.home / "hosts" / name / "etc/nginx/conf.d"
        assert (written / f"{SERVER}.note.txt").read_bytes() == NOTE.encode()
        assert f"server_name {SERVER};" in (written / f"{SERVER}.conf").read_text()
    expect(alice.get_by_test_id("job-log")).to_contain_text("PLAY RECAP", timeout=30_000)

    # Step 4: confirm, rate; the mails are there and their links open the ticket.
    alice.get_by_test_id("decision-confirm").click()
    expect(alice.get_by_test_id("ticket-state")).to_contain_text("完成", timeout=15_000)
    alice.get_by_test_id("rate-5").click()
    alice.get_by_test_id("rate-submit").click()
    person = Person(house, "alice")
    wait_for(lambda: person.get(f"tickets/{number}")["rating"], "the rating")
    mail = wait_for(lambda: [m for m in house.mails("dave") if number in m["subject"]], "dave's mail")[-1]
    letter = requests.get(f"{house.mailbox}/mailbox/messages/{mail['id']}", timeout=10).json()
    link = next(link for link in letter["links"] if number in link)
    dave.goto(link)
    expect(dave.get_by_test_id("ticket-number")).to_contain_text(number)

    # Step 5: the month's workbook holds the ticket.
    admin = open_as(browser, house, "admin", "/reports", accept_downloads=True)
    with admin.expect_download() as waiting:
        admin.get_by_test_id("report-download").click()
    target = tmp_path / "monthly.xlsx"
    waiting.value.save_as(target)
    book = openpyxl.load_workbook(io.BytesIO(target.read_bytes()))
    assert any(getattr(sheet, "_charts", None) for sheet in book.worksheets)
    rows = [row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) if number in row]
    assert len(rows) == 1
    month = datetime.now(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m")
    assert Person(house, "admin").get(f"reports/summary?month={month}")["completed"] >= 1

    # Step 6: the timeline tells every step; the trail is whole, and says where it is broken after tampering.
    alice.reload()
    timeline = alice.get_by_test_id("timeline")
    for word in ("Bob", "Dave", "企业微信", "窗口期内可以"):
        expect(timeline).to_contain_text(word)
    assert [page.problems for page in (alice, bob, dave, admin)] == [[], [], [], []]
    check_the_trail(house, number)


def check_the_trail(house: House, number: str) -> None:
    whole = house.manage("audit", "verify")
    assert whole.returncode == 0, whole.stdout + whole.stderr
    ticket = f"(SELECT id FROM tickets_ticket WHERE number = '{number}')"
    change = f"UPDATE tickets_event SET actor_id = 1 + actor_id WHERE kind = 'task.approved' AND ticket_id = {ticket}"
    undo = change.replace("1 + actor_id", "actor_id - 1")
    off, on = (f"ALTER TABLE tickets_event {word} TRIGGER USER" for word in ("DISABLE", "ENABLE"))
    with pytest.raises(Exception, match="append-only"):
        house.sql(change)
    house.sql(off, change, on)
    try:
        broken: subprocess.CompletedProcess[str] = house.manage("audit", "verify")
        assert broken.returncode == 1
        assert f"{number} event 5: changed_event" in broken.stdout
    finally:
        house.sql(off, undo, on)  # later tests verify the whole trail again


def test_the_card_opens_the_ticket_as_the_holder_of_the_phone(browser, house) -> None:
    alice = Person(house, "alice")
    form = {"kind": "annual", "from": "2026-12-01", "days": 1}
    number = alice.post("tickets", template="leave", form=form, title="三天")["number"]
    phone = open_as(browser, house, "alice")  # somebody else is still logged in on this phone
    phone.goto(f"{house.wecom}/phone/bob")
    card = phone.locator("[data-task-id]").filter(has_text=number)
    expect(card).to_be_visible(timeout=30_000)
    with phone.expect_popup() as opened:
        card.get_by_text("详情").click()
    page = opened.value
    expect(page.get_by_test_id("ticket-number")).to_contain_text(number)
    page.get_by_test_id("decision-approve").click()
    expect(page.get_by_test_id("ticket-state")).to_contain_text("完成", timeout=15_000)
    decided = alice.get(f"tickets/{number}")["tasks"][0]
    assert (decided["decided_by"], decided["state"]) == ("bob", "approved")
