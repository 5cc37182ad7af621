"""A tap goes out encrypted and comes back as a changed card."""

import threading
import time

import pytest
import requests

from sandbox.wecom.callbacks.crypto import CallbackCrypto
from tests.sandbox.parties import AES_KEY, AGENT, CALLBACK_TIMEOUT_S, CORP, TOKEN, eventually


def test_a_tap_arrives_and_its_reply_changes_only_the_presser(wecom, application, card):
    msgid = wecom.send(card, "alice|bob")["msgid"]
    assert wecom.press("bob", msgid, "approve").json() == {"ok": True, "attempts": 1, "error": None}
    [event] = application.events
    assert event["ToUserName"] == CORP
    assert event["FromUserName"] == "bob"
    assert (event["MsgType"], event["Event"], event["EventKey"]) == (
        "event",
        "template_card_event",
        "approve",
    )
    assert (event["TaskId"], event["CardType"]) == (card["task_id"], "button_interaction")
    assert event["AgentID"] == str(AGENT)
    [bob], [alice] = wecom.inbox("bob"), wecom.inbox("alice")
    assert (bob["state"], bob["replace_text"], bob["press_error"]) == ("replaced", "好", None)
    assert alice["state"] == "live"


def test_the_code_of_a_tap_updates_the_others(wecom, application, card):
    msgid = wecom.send(card, "alice|bob")["msgid"]
    wecom.press("bob", msgid)
    body = {
        "agentid": AGENT, "response_code": application.events[0]["ResponseCode"], "userids": ["alice"],
        "button": {"replace_name": "bob 已通过"},
    }  # fmt: skip
    assert wecom.post("message/update_template_card", body)["errcode"] == 0
    assert wecom.inbox("alice")[0]["replace_text"] == "bob 已通过"


def test_a_whole_new_card_comes_back_as_xml(wecom, application, card):
    xml = (
        "<TemplateCard><CardType>button_interaction</CardType><MainTitle><Title>已通过</Title></MainTitle>"
        "<HorizontalContentList><KeyName>一</KeyName><Value>1</Value></HorizontalContentList>"
        "<HorizontalContentList><KeyName>二</KeyName><Value>2</Value></HorizontalContentList>"
        "<ButtonList><Text>知道了</Text><Style>1</Style><Key>ok</Key></ButtonList>"
        "<ReplaceText>已处理</ReplaceText></TemplateCard>"
    )
    application.reply = lambda event: (
        200, application.sealed(application.message("update_template_card", xml))
    )  # fmt: skip
    msgid = wecom.send(card)["msgid"]
    assert wecom.press("bob", msgid).json()["ok"] is True
    [copy] = wecom.inbox("bob")
    assert copy["card"]["main_title"] == {"title": "已通过"}
    assert [row["keyname"] for row in copy["card"]["horizontal_content_list"]] == ["一", "二"]
    assert copy["card"]["button_list"] == [{"text": "知道了", "style": 1, "key": "ok"}]
    assert (copy["replace_text"], copy["task_id"]) == ("已处理", card["task_id"])


OTHER_CORP = CallbackCrypto(TOKEN, AES_KEY, "wwffffffffffffffff")
GREY = "<Button><ReplaceName>x</ReplaceName></Button>"
BAD_REPLIES = {
    "signature": lambda a: a.button("x").replace(b"<TimeStamp>17", b"<TimeStamp>18"),
    "receiver": lambda a: a.sealed(a.message("update_button", GREY), OTHER_CORP),
    "not XML": lambda a: a.sealed("<xml><MsgType>"),
    "envelope is not XML": lambda _: b"success",
    "Encrypt is missing": lambda _: b"<xml></xml>",
    "ToUserName": lambda a: a.button("x", to="alice"),
    "FromUserName": lambda a: a.sealed(a.message("update_button", GREY, sender="wwother")),
    "MsgType": lambda a: a.sealed(a.message("news", "")),
    "card 42031": lambda a: a.sealed(a.message("update_template_card", "<TemplateCard></TemplateCard>")),
    "message is not XML": lambda a: a.sealed('<!DOCTYPE x [<!ENTITY e "boom">]><xml>&e;</xml>'),
}


@pytest.mark.parametrize("why", BAD_REPLIES)
def test_a_bad_reply_changes_nothing(wecom, application, card, why):
    application.reply = lambda event: (200, BAD_REPLIES[why](application))
    msgid = wecom.send(card)["msgid"]
    pressed = wecom.press("bob", msgid).json()
    assert (pressed["ok"], pressed["attempts"]) == (False, 1)
    assert why in pressed["error"]
    [copy] = wecom.inbox("bob")
    assert (copy["state"], copy["card"], copy["press_error"]) == ("live", card, pressed["error"])


def test_an_empty_reply_leaves_the_card_timed_out(wecom, application, card):
    application.reply = lambda event: (200, b"")
    msgid = wecom.send(card)["msgid"]
    assert wecom.press("bob", msgid).json() == {"ok": False, "attempts": 1, "error": "empty_reply"}
    application.reply = lambda event: (200, application.button("好"))
    assert wecom.press("bob", msgid).json()["ok"] is True
    assert wecom.inbox("bob")[0]["press_error"] is None


def test_F24_three_attempts_and_then_the_press_is_gone(wecom, application, card):
    application.reply = lambda event: (500, b"")
    msgid = wecom.send(card)["msgid"]
    assert wecom.press("bob", msgid).json() == {"ok": False, "attempts": 3, "error": "http_500"}
    assert len(application.events) == 3
    assert len({event["ResponseCode"] for event in application.events}) == 1
    tried = [(e["attempt"], e["status"], e["error"]) for e in wecom.journal("callback")]
    assert tried == [(1, 500, "http_500"), (2, 500, "http_500"), (3, 500, "http_500")]
    assert wecom.inbox("bob")[0]["press_error"] == "http_500"


def test_a_second_attempt_can_still_succeed(wecom, application, card):
    application.reply = lambda event: (200, application.button("好")) if len(application.events) > 1 else (502, b"")
    msgid = wecom.send(card)["msgid"]
    assert wecom.press("bob", msgid).json() == {"ok": True, "attempts": 2, "error": None}


def test_F22_a_slow_application_is_cut_off_and_asked_again(wecom, application, card):
    release = threading.Event()

    def dawdle(event):
        release.wait(10)
        return 200, application.button("late")

    application.reply = dawdle
    msgid = wecom.send(card)["msgid"]
    started = time.monotonic()
    try:
        pressed = wecom.press("bob", msgid).json()
    finally:
        release.set()
    assert pressed == {"ok": False, "attempts": 3, "error": "timeout"}
    assert 3 * CALLBACK_TIMEOUT_S <= time.monotonic() - started < 3 * CALLBACK_TIMEOUT_S + 3
    assert wecom.inbox("bob")[0]["state"] == "live"


def test_while_a_tap_is_under_way_the_inbox_says_so(wecom, application, card):
    release = threading.Event()

    def wait(event):
        release.wait(10)
        return 200, application.button("好")

    application.reply = wait
    msgid = wecom.send(card)["msgid"]
    pressing = threading.Thread(target=wecom.press, args=("bob", msgid))
    pressing.start()
    eventually(lambda: wecom.inbox("bob")[0]["pressing"] == "approve")
    release.set()
    pressing.join()
    assert wecom.inbox("bob")[0]["pressing"] is None


def test_choices_travel_with_the_tap(wecom, application):
    options = [
        {"id": "a", "text": "A"},
        {"id": "b", "text": "B", "is_checked": True},
        {"id": "c", "text": "C"},
    ]
    vote = {
        "card_type": "vote_interaction", "main_title": {"title": "t"}, "task_id": "vote-1",
        "checkbox": {"question_key": "q", "mode": 1, "option_list": options},
        "submit_button": {"text": "提交", "key": "go"},
    }  # fmt: skip
    application.reply = lambda event: (500, b"")
    msgid = wecom.send(vote)["msgid"]
    wecom.press("bob", msgid, "go")
    wecom.press("bob", msgid, "go", selected={"q": ["a", "c", "forged"], "other": ["x"]})
    assert application.events[0]["chosen"] == {"q": ["b"]}
    assert application.events[-1]["chosen"] == {"q": ["a", "c"]}


def test_a_drop_down_begins_with_its_first_option(wecom, application, card):
    options = [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}]
    card["button_selection"] = {"question_key": "why", "option_list": options}
    wecom.press("bob", wecom.send(card)["msgid"])
    assert application.events[0]["chosen"] == {"why": ["a"]}


def test_a_menu_sends_its_own_event(wecom, application, card):
    card["action_menu"] = {"desc": "更多", "action_list": [{"text": "稍后", "key": "later"}]}
    wecom.press("bob", wecom.send(card)["msgid"], "later")
    assert (application.events[0]["Event"], application.events[0]["EventKey"]) == (
        "template_card_menu_event",
        "later",
    )


def test_texts_cannot_break_out_of_the_event(wecom, application, card):
    key = "a]]></EventKey><FromUserName>carol</FromUserName><![CDATA["
    card["button_list"] = [{"text": "x", "key": key}]
    wecom.press("bob", wecom.send(card)["msgid"], key)
    assert (application.events[0]["EventKey"], application.events[0]["FromUserName"]) == (key, "bob")


@pytest.mark.parametrize(("userid", "key"), [("alice", "approve"), ("bob", "forged"), ("bob", "")])
def test_only_what_is_on_ones_own_card_can_be_pressed(wecom, application, card, userid, key):
    assert wecom.press(userid, wecom.send(card)["msgid"], key).status_code == 409
    assert application.events == []


def verify(wecom):
    return requests.post(f"{wecom.url}/sandbox/callbacks/verify", timeout=10).json()


def test_the_callback_address_is_verified(wecom, application):
    assert verify(wecom) == {"ok": True, "error": None}
    application.echo = lambda text: f'"{text}"'.encode()
    assert verify(wecom) == {"ok": False, "error": "wrong_echo"}
