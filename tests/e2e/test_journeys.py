"""What people do with tickets besides saying yes, each in a real browser: short journeys through one running Baton."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.pages import PHONE, log_in, open_as, watched
from tests.house import House, Person, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.timeout(300)]
FORM = {"kind": "annual", "from": "2026-12-01", "days": 1}


def submit(house: House, title: str, template: str = "leave", form: dict[str, Any] = FORM) -> dict[str, Any]:
    """A ticket of alice's."""
    return Person(house, "alice").post("tickets", template=template, form=form, title=title)


def approve(house: House, username: str, number: str) -> None:
    """Approve, over the API, what waits for this person in this ticket."""
    person = Person(house, username)
    ticket = person.get(f"tickets/{number}")
    task = next(task for task in ticket["tasks"] if task["state"] == "pending" and task["assignee"] == username)
    person.post(f"tasks/{task['id']}/approve", digest=task["digest"], ticket_version=ticket["version"])


def state(page: Page, name: str) -> None:
    """Wait until the ticket on the page is in this state."""
    expect(page.get_by_test_id("ticket-state")).to_have_attribute("data-state", name)


def test_several_are_approved_at_once_and_the_one_that_moved_on_says_so(browser, house) -> None:
    numbers = [submit(house, f"together {number}")["number"] for number in range(3)]
    page = open_as(browser, house, "bob", "/lists/todo")
    for number in numbers:
        page.get_by_test_id(f"choose-{number}").check()
    expect(page.get_by_test_id("bulk-bar")).to_contain_text("3")
    Person(house, "alice").post(f"tickets/{numbers[2]}/withdraw", comment="")
    page.get_by_test_id("bulk-approve").click()
    page.get_by_test_id("dialog-confirm").click()
    outcome = page.get_by_test_id("bulk-outcome")
    expect(outcome).to_contain_text("2")
    expect(outcome.get_by_role("link")).to_have_text(["together 2"])
    expect(page.get_by_test_id(f"list-row-{numbers[0]}")).to_have_count(0)
    states = [Person(house, "alice").get(f"tickets/{number}")["state"] for number in numbers]
    assert states == ["completed", "completed", "withdrawn"]
    assert page.problems == []


def test_a_draft_is_finished_returned_mended_and_handed_in_again(browser, house) -> None:
    alice = open_as(browser, house, "alice", "/templates/leave/new")
    alice.get_by_test_id("field-handover").fill("到周五")
    alice.get_by_test_id("keep-draft").click()
    state(alice, "draft")
    number = alice.get_by_test_id("ticket-number").inner_text().strip()
    alice.get_by_test_id("ticket-resubmit").click()
    expect(alice.get_by_test_id("field-handover")).to_have_value("到周五")
    alice.get_by_test_id("submit-ticket").click()
    expect(alice.locator('[data-invalid="true"]').first).to_be_visible()  # a draft may lack what a ticket may not
    Person(house, "alice").post(f"tickets/{number}/submit", form={**FORM, "handover": "到周五"})

    bob = open_as(browser, house, "bob", f"/tickets/{number}")
    bob.get_by_test_id("decision-return").click()
    bob.get_by_test_id("dialog-confirm").click()
    expect(bob.get_by_role("alert")).to_contain_text("请写一句原因")
    bob.get_by_test_id("dialog-comment").fill("谁来接手？")
    bob.get_by_test_id("dialog-confirm").click()
    state(bob, "returned")

    alice.goto(f"{house.url}/tickets/{number}")
    expect(alice.get_by_test_id("return-note")).to_contain_text("谁来接手？")
    alice.get_by_test_id("ticket-resubmit").click()
    expect(alice.get_by_test_id("return-note")).to_contain_text("谁来接手？")
    alice.get_by_test_id("field-handover").fill("Heidi 接手")
    alice.get_by_test_id("submit-ticket").click()
    state(alice, "approving")
    expect(bob.get_by_test_id("decision-approve")).to_be_visible()
    bob.get_by_test_id("decision-approve").click()
    state(bob, "completed")
    expect(alice.get_by_test_id("value-handover")).to_contain_text("Heidi 接手")
    assert [alice.problems, bob.problems] == [[], []]


def choose(page: Page, name: str) -> None:
    """Pick this person in the dialog that asks for people."""
    page.get_by_test_id("people-input").fill(name)
    page.get_by_test_id(f"person-option-{name}").click()


def test_a_signature_is_added_before_and_the_seat_is_handed_on(browser, house) -> None:
    number = submit(house, "with more hands")["number"]
    bob = open_as(browser, house, "bob", f"/tickets/{number}")
    panel = bob.get_by_test_id("decision-panel")
    panel.get_by_role("button", name="更多").click()
    bob.get_by_test_id("decision-add_sign").click()
    choose(bob, "dave")
    bob.get_by_test_id("dialog-comment").fill("先请数据库组看")
    bob.get_by_test_id("dialog-confirm").click()
    chain = bob.get_by_test_id("chain-panel")
    expect(chain).to_contain_text("Dave")
    expect(bob.get_by_test_id("decision-approve")).to_have_count(0)  # it is dave's turn first

    dave = open_as(browser, house, "dave", f"/tickets/{number}")
    dave.get_by_test_id("decision-approve").click()
    expect(dave.get_by_test_id("decision-panel")).to_have_count(0)
    expect(bob.get_by_test_id("decision-approve")).to_be_visible()
    panel.get_by_role("button", name="更多").click()
    bob.get_by_test_id("decision-transfer").click()
    choose(bob, "carol")
    bob.get_by_test_id("dialog-confirm").click()
    expect(chain).to_contain_text("Carol")
    expect(panel).to_have_count(0)
    approve(house, "carol", number)
    state(bob, "completed")
    timeline = bob.get_by_test_id("timeline")
    for word in ("Dave", "Carol", "先请数据库组看"):
        expect(timeline).to_contain_text(word)
    assert [bob.problems, dave.problems] == [[], []]


def test_sub_tickets_are_listed_with_their_state_and_lead_back(browser, house) -> None:
    newcomer = {"name": "Ivy", "starts_on": "2026-12-01", "position": "Developer"}
    number = submit(house, "Ivy joins", "new-employee", newcomer)["number"]
    approve(house, "bob", number)
    found = wait_for(lambda: Person(house, "alice").get(f"tickets/{number}")["children"], "the sub-tickets")
    page = open_as(browser, house, "alice", f"/tickets/{number}")
    links = page.get_by_test_id("chain-panel").get_by_role("link")
    expect(links).to_have_count(len(found))
    links.first.click()
    expect(page.get_by_test_id("ticket-parent")).to_contain_text("Ivy joins")
    child = page.get_by_test_id("ticket-number").inner_text().strip()
    erin = Person(house, "erin")
    ticket = erin.get(f"tickets/{child}")
    task = next(task for task in ticket["tasks"] if task["state"] == "pending")
    erin.post(f"tasks/{task['id']}/confirm", digest=task["digest"], ticket_version=ticket["version"])
    state(page, "completed")
    page.get_by_test_id("ticket-parent").get_by_role("link").click()
    expect(page.get_by_test_id("ticket-number")).to_contain_text(number)
    expect(page.get_by_test_id("chain-panel")).to_contain_text("完成")
    assert page.problems == []


def test_a_phone_shows_all_of_it_without_scrolling_sideways(browser, house) -> None:
    number = submit(house, "on the phone", form={**FORM, "handover": "x" * 200})["number"]
    phone = open_as(browser, house, "bob", viewport=PHONE, has_touch=True)

    def fits() -> bool:
        return bool(phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))

    phone.get_by_test_id(f"turn-{number}").get_by_role("link").first.click()
    expect(phone.get_by_test_id("decision-approve")).to_be_in_viewport()  # the buttons stay at the bottom
    assert fits()
    phone.get_by_test_id("decision-comment").fill("路上看过了")
    phone.get_by_test_id("decision-approve").click()
    state(phone, "completed")
    for path in ("/lists/done", "/templates", "/templates/leave/new", "/settings"):
        phone.goto(house.url + path)
        expect(phone.locator("main h1").first).to_be_attached()
        assert fits(), path
    assert phone.problems == []


def test_a_session_that_ends_loses_nothing_of_what_was_typed(browser, house) -> None:
    number = submit(house, "while logged out")["number"]
    page = open_as(browser, house, "bob", f"/tickets/{number}")
    page.get_by_test_id("decision-return").click()
    page.get_by_test_id("dialog-comment").fill("请写明交接给谁")
    page.context.clear_cookies(name="sessionid")
    expect(page.get_by_text("登录已过期")).to_be_visible()  # once the page has looked for news
    log_in(page, house, "bob")
    expect(page.get_by_test_id("dialog-comment")).to_have_value("请写明交接给谁")
    page.get_by_test_id("dialog-confirm").click()
    state(page, "returned")
    assert page.problems == []


def not_yet(_route: Route) -> None:
    """Let a request wait."""


def test_of_two_tabs_the_second_says_that_it_was_decided_in_the_first(browser, house) -> None:
    number = submit(house, "in two tabs")["number"]
    first = open_as(browser, house, "bob", f"/tickets/{number}")
    second = watched(first.context.new_page())
    second.goto(f"{house.url}/tickets/{number}")
    expect(second.get_by_test_id("decision-approve")).to_be_visible()
    reads = f"{house.api}tickets/{number}*"
    second.route(reads, not_yet)
    first.get_by_test_id("decision-approve").click()
    state(first, "completed")
    second.get_by_test_id("decision-approve").click()
    expect(second.get_by_test_id("decision-outdated")).to_be_visible()
    second.unroute(reads)  # what was asked for meanwhile goes on
    state(second, "completed")
    expect(second.get_by_test_id("decision-panel")).to_have_count(0)
    events = Person(house, "bob").get(f"tickets/{number}/events?limit=100")["results"]
    assert [event["kind"] for event in events].count("task.approved") == 1
    assert [first.problems, second.problems] == [[], []]
