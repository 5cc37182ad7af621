"""The phone in a real browser."""

import threading

import pytest
from playwright.sync_api import expect

from tests.sandbox.parties import AGENT, eventually

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(browser, wecom):
    """Opens somebody's phone; no script error or refused resource may happen on the way."""
    context = browser.new_context(viewport={"width": 375, "height": 780}, locale="zh-CN")
    trouble = []

    def open_phone(userid, query=""):
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda m: trouble.append(m.text) if "Content Security" in m.text else None)
        page.goto(f"{wecom.url}/phone/{userid}{query}")
        return page

    yield open_phone
    context.close()
    assert trouble == []


def bubble(page, msgid):
    return page.locator(f'[data-msgid="{msgid}"]')


def test_a_card_appears_is_pressed_and_turns_grey(phone, wecom, application, card):
    page = phone("bob")
    page.get_by_text("还没有消息。").wait_for()
    msgid = wecom.send(card)["msgid"]
    shown = bubble(page, msgid)
    expect(shown).to_have_attribute("data-task-id", card["task_id"])
    for text in (
        "采购申请 T-42",
        "第 1 步：部门主管",
        "service.restart",
        "申请人：王五",
        "¥1,200.00",
        "工单审批",
    ):
        expect(shown.get_by_text(text)).to_be_visible()
    release = threading.Event()

    def wait(event):
        release.wait(10)
        return 200, application.button("已同意")

    application.reply = wait
    shown.get_by_role("button", name="同意").click()
    expect(shown.locator('[data-key="approve"]')).to_have_attribute("aria-busy", "true")
    expect(shown.locator('[data-key="reject"]')).to_be_disabled()
    release.set()
    expect(shown.get_by_role("button", name="已同意")).to_be_disabled()
    expect(shown.locator("[data-key]")).to_have_count(0)
    assert application.events[0]["FromUserName"] == "bob"


def test_a_failed_tap_says_so_and_can_be_repeated(phone, wecom, application, card):
    application.reply = lambda event: (500, b"")
    page = phone("bob")
    msgid = wecom.send(card)["msgid"]
    bubble(page, msgid).locator('[data-key="reject"]').click()
    again = bubble(page, msgid).get_by_text("处理超时，请点击重试")
    again.wait_for()
    application.reply = lambda event: (200, application.button("已驳回"))
    again.click()
    bubble(page, msgid).get_by_role("button", name="已驳回").wait_for()
    assert {event["EventKey"] for event in application.events} == {"reject"}


def test_an_update_by_the_application_shows_by_itself(phone, wecom, card):
    answer = wecom.send(card, "alice|bob")
    page = phone("bob")
    bubble(page, answer["msgid"]).get_by_role("button", name="同意").wait_for()
    wecom.post(
        "message/update_template_card",
        {
            "agentid": AGENT,
            "response_code": answer["response_code"],
            "userids": ["bob"],
            "button": {"replace_name": "已由 alice 通过"},
        },
    )
    expect(bubble(page, answer["msgid"]).get_by_role("button", name="已由 alice 通过")).to_be_disabled()


def test_a_recalled_card_is_gone(phone, wecom, card):
    msgid = wecom.send(card)["msgid"]
    page = phone("bob")
    bubble(page, msgid).wait_for()
    wecom.post("message/recall", {"msgid": msgid})
    expect(bubble(page, msgid)).to_have_count(0)


def test_unread_counts_and_one_tap_to_another_person(phone, wecom, card):
    wecom.send(card, "alice")
    page = phone("bob")
    badge = page.locator('[data-user="alice"] .badge')
    expect(badge).to_have_text("1")
    page.locator('[data-user="alice"]').click()
    page.get_by_text("采购申请 T-42").wait_for()
    eventually(lambda: wecom.inbox("alice")[0]["seen"])


def test_a_link_opens_a_page_as_the_reader(phone, wecom, application, card):
    target = f"{application.url}/m/tickets/1"
    card["button_list"][2]["url"] = card["card_action"]["url"] = target
    msgid = wecom.send(card)["msgid"]
    page = phone("bob")
    with page.expect_popup() as opened:
        bubble(page, msgid).get_by_role("link", name="查看").click()
    assert opened.value.url == target
    with page.expect_popup() as opened:
        bubble(page, msgid).locator('[data-link="card_action"]').click(position={"x": 40, "y": 60})
    assert opened.value.url == target


def test_texts_of_messages_are_inert(phone, wecom, card):
    bad = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    card["main_title"] = {"title": bad, "desc": bad}
    card["button_list"][0]["text"] = bad
    wecom.send(card)
    for msgtype in ("text", "markdown"):
        content = {"content": f'{bad}<a href="javascript:alert(1)">x</a>[y](javascript:alert(2))'}
        wecom.post("message/send", {"touser": "bob", "msgtype": msgtype, "agentid": AGENT, msgtype: content})
    page = phone("bob")
    expect(page.locator(".message")).to_have_count(3)
    expect(page.locator("#chat img, #chat script")).to_have_count(0)
    expect(page.locator('#chat a[href^="javascript"]')).to_have_count(0)
    expect(page).to_have_title("Bob 周博 · 企业微信沙盒")


def test_choices_are_sent(phone, wecom, application, card):
    options = [{"id": "a", "text": "信息不全"}, {"id": "b", "text": "时间不合适"}]
    card["button_selection"] = {"question_key": "why", "title": "原因", "option_list": options}
    msgid = wecom.send(card)["msgid"]
    page = phone("bob")
    bubble(page, msgid).get_by_label("原因").select_option("b")
    bubble(page, msgid).get_by_role("button", name="驳回").click()
    eventually(lambda: application.events)
    assert application.events[0]["chosen"] == {"why": ["b"]}


def test_english_is_complete_and_remembered(phone, wecom):
    page = phone("bob", "?lang=en")
    page.get_by_text("No messages yet.").wait_for()
    page.goto(f"{wecom.url}/phone/alice")
    page.get_by_text("No messages yet.").wait_for()
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("width", [320, 375, 1366])
def test_nothing_sticks_out(phone, wecom, card, width):
    card["main_title"]["title"] = "W" * 80
    card["horizontal_content_list"][0]["value"] = "https://" + "long" * 40
    wecom.send(card)
    page = phone("bob")
    page.set_viewport_size({"width": width, "height": 800})
    page.locator(".message").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("(c => c.scrollWidth <= c.clientWidth)(document.getElementById('chat'))")
