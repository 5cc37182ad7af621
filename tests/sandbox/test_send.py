"""message/send: what is accepted, what is refused, and with which error number."""

from typing import Any

import pytest

from tests.sandbox.parties import AGENT


def without(card: dict[str, Any], *path: Any) -> dict[str, Any]:
    *parents, last = path
    target: Any = card
    for step in parents:
        target = target[step]
    del target[last]
    return card


def test_a_card_reaches_its_recipients(wecom, card):
    answer = wecom.send(card, "bob|ALICE")
    assert answer["errcode"] == 0
    assert answer["msgid"]
    assert answer["response_code"]
    assert "invaliduser" not in answer
    [copy] = wecom.inbox("alice")
    assert copy["card"] == card
    assert (copy["state"], copy["replace_text"], copy["pressing"], copy["press_error"]) == (
        "live",
        None,
        None,
        None,
    )


def test_partly_invalid_recipients_are_named(wecom, card):
    answer = wecom.send(card, "bob|Nobody")
    assert (answer["errcode"], answer["invaliduser"]) == (0, "nobody")
    assert len(wecom.inbox("bob")) == 1


def test_a_department_takes_in_those_below(wecom):
    body = {"toparty": "2|99", "msgtype": "text", "agentid": AGENT, "text": {"content": "hi"}}
    assert wecom.post("message/send", body)["invalidparty"] == "99"
    assert [len(wecom.inbox(userid)) for userid in ("alice", "bob", "carol", "erin")] == [1, 1, 1, 0]


def test_everybody(wecom):
    body = {"touser": "@all", "msgtype": "text", "agentid": AGENT, "text": {"content": "hi"}}
    assert wecom.post("message/send", body)["errcode"] == 0
    assert all(len(wecom.inbox(userid)) == 1 for userid in ("alice", "bob", "carol", "erin"))


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"agentid": None}, 41011),
        ({"agentid": "x"}, 40056),
        ({"agentid": 7}, 301002),
        ({"touser": ""}, 82001),
        ({"touser": "nobody"}, 81013),
        ({"touser": "|".join(f"u{i}" for i in range(1001))}, 40032),
        ({"toparty": "|".join(str(i) for i in range(101))}, 82002),
        ({"totag": "|".join(str(i) for i in range(101))}, 82003),
        ({"msgtype": "carrier_pigeon"}, 40008),
    ],
)
def test_the_envelope_is_checked(wecom, card, change, errcode):
    body = {"touser": "bob", "msgtype": "template_card", "agentid": AGENT, "template_card": card} | change
    answer = wecom.post("message/send", body)
    assert answer["errcode"] == errcode
    assert f"devtool/query?e={errcode}" in answer["errmsg"]
    assert "from ip: 127.0.0.1" in answer["errmsg"]
    assert wecom.inbox("bob") == []


ROW = {"keyname": "k", "value": "v"}
OPTIONS = [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}]


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"card_type": "tarot"}, 42031),
        ({"main_title": {"desc": "only"}}, 42033),
        ({"task_id": ""}, 42014),
        ({"task_id": "has space"}, 42014),
        ({"task_id": "x" * 129}, 42014),
        ({"horizontal_content_list": [ROW] * 7}, 42035),
        ({"horizontal_content_list": [{"value": "v"}]}, 42027),
        ({"horizontal_content_list": [ROW | {"type": 1}]}, 42028),
        ({"horizontal_content_list": [ROW | {"type": 1, "url": "app.example.com"}]}, 45034),
        ({"horizontal_content_list": [ROW | {"type": 2}]}, 42029),
        ({"horizontal_content_list": [ROW | {"type": 2, "media_id": "gone"}]}, 40007),
        ({"horizontal_content_list": [ROW | {"type": 3}]}, 42050),
        ({"card_action": {"type": 1}}, 42045),
        ({"card_action": {"type": 2}}, 42030),
        ({"quote_area": {"type": 1}}, 42028),
        ({"button_list": []}, 42020),
        ({"button_list": [{"key": "k"}]}, 42038),
        ({"button_list": [{"text": "t"}]}, 42039),
        ({"button_list": [{"text": "t", "key": "k" * 1025}]}, 42039),
        ({"button_list": [{"text": "t", "key": "k"}] * 2}, 42051),
        ({"button_list": [{"text": "t", "type": 1}]}, 42028),
        ({"button_selection": {"option_list": OPTIONS}}, 42043),
        ({"button_selection": {"question_key": "q", "option_list": []}}, 42037),
        ({"button_selection": {"question_key": "q", "option_list": [{"text": "A"}]}}, 42040),
        ({"button_selection": {"question_key": "q", "option_list": [OPTIONS[0]] * 2}}, 42040),
        ({"button_selection": {"question_key": "q", "option_list": [{"id": "a"}]}}, 42041),
        ({"action_menu": {"desc": "m", "action_list": [{"text": "t"}]}}, 42019),
        ({"action_menu": {"desc": "m", "action_list": [{"text": "t", "key": "k"}] * 2}}, 42051),
    ],
)
def test_a_button_card_is_checked(wecom, card, change, errcode):
    assert wecom.send(card | change)["errcode"] == errcode
    assert wecom.inbox("bob") == []


GO = {"type": 1, "url": "https://app.example.com"}
BUTTON = {"text": "提交", "key": "go"}
QUESTION = {"question_key": "q", "option_list": OPTIONS}


@pytest.mark.parametrize(
    ("card", "errcode"),
    [
        ({"card_type": "text_notice", "main_title": {"title": "t"}, "card_action": GO}, 0),
        ({"card_type": "text_notice", "sub_title_text": "s", "card_action": GO}, 0),
        ({"card_type": "text_notice", "card_action": GO}, 42033),
        ({"card_type": "text_notice", "main_title": {"title": "t"}}, 42045),
        (
            {
                "card_type": "text_notice",
                "main_title": {"title": "t"},
                "card_action": GO,
                "jump_list": [{"title": "j"}] * 4,
            },
            42042,
        ),
        ({"card_type": "news_notice", "main_title": {"title": "t"}, "card_action": GO}, 42044),
        (
            {
                "card_type": "news_notice",
                "main_title": {"title": "t"},
                "card_action": GO,
                "card_image": {"url": "https://app.example.com/i.png"},
            },
            0,
        ),
        (
            {
                "card_type": "news_notice",
                "main_title": {"title": "t"},
                "card_action": GO,
                "card_image": {"url": "https://app.example.com/i.png"},
                "vertical_content_list": [{"title": "v"}] * 5,
            },
            42036,
        ),
        ({"card_type": "vote_interaction", "main_title": {"title": "t"}, "checkbox": QUESTION}, 42046),
        ({"card_type": "vote_interaction", "main_title": {"title": "t"}, "submit_button": BUTTON}, 42043),
        ({"card_type": "multiple_interaction", "main_title": {"title": "t"}, "submit_button": BUTTON}, 42047),
    ],
)
def test_the_other_cards_are_checked(wecom, card, errcode):
    answer = wecom.send(card)
    assert answer["errcode"] == errcode
    assert "response_code" not in answer


@pytest.mark.parametrize(
    "card",
    [
        {"card_type": "vote_interaction", "checkbox": QUESTION, "submit_button": BUTTON, "task_id": "v1"},
        {
            "card_type": "multiple_interaction",
            "select_list": [QUESTION],
            "submit_button": BUTTON,
            "task_id": "m1",
        },
        {
            "card_type": "text_notice",
            "card_action": GO,
            "task_id": "t1",
            "action_menu": {"desc": "m", "action_list": [{"text": "t", "key": "k"}]},
        },
    ],
)
def test_cards_that_can_be_pressed_come_with_a_response_code(wecom, card):
    assert wecom.send(card | {"main_title": {"title": "t"}})["response_code"]


def test_a_task_id_is_used_once(wecom, card):
    assert wecom.send(card)["errcode"] == 0
    assert wecom.send(card, "alice")["errcode"] == 42014
    assert wecom.inbox("alice") == []


def test_the_same_request_is_not_delivered_twice(wecom):
    body = {"touser": "bob", "msgtype": "text", "agentid": AGENT, "text": {"content": "hi"}}
    twice = body | {"enable_duplicate_check": 1}
    first, second = wecom.post("message/send", twice), wecom.post("message/send", twice)
    assert first["msgid"] == second["msgid"]
    assert len(wecom.inbox("bob")) == 1
    wecom.post("message/send", body)
    assert len(wecom.inbox("bob")) == 2


def test_equal_content_is_the_same_message_however_the_request_differs(wecom):
    body = {"touser": "bob", "msgtype": "text", "agentid": AGENT, "text": {"content": "hi"}}
    wecom.post("message/send", body)
    wecom.post("message/send", body | {"enable_duplicate_check": 1, "duplicate_check_interval": 60, "safe": 1})
    assert len(wecom.inbox("bob")) == 1
    assert len(wecom.journal("swallowed")) == 1
    wecom.post("message/send", body | {"touser": "alice", "enable_duplicate_check": 1})
    assert len(wecom.inbox("alice")) == 1


def test_simple_messages(wecom):
    def send(msgtype: str, **content: str) -> int:
        body = {"touser": "bob", "msgtype": msgtype, "agentid": AGENT, msgtype: content}
        return wecom.post("message/send", body)["errcode"]

    assert send("text", content="") == 44004
    assert send("markdown", content="字" * 700) == 45002
    assert send("textcard", title="t", description="d") == 40063
    assert send("textcard", title="t", description="d", url="example.com") == 45034
    assert send("file", media_id="nothing") == 40007
    assert send("text", content="字" * 700) == 0
    assert send("textcard", title="t", description="d", url="https://example.com") == 0
    text, textcard = wecom.inbox("bob")
    assert text["text"]["content"] == "字" * 682
    assert textcard["textcard"]["btntxt"] == "详情"


def test_recall_takes_the_card_away_for_a_day(wecom, card):
    msgid = wecom.send(card)["msgid"]
    wecom.faults(clock_shift_s=24 * 3600 + 1)
    wecom.token = wecom.log_in()
    assert wecom.post("message/recall", {"msgid": msgid})["errcode"] == 42052
    wecom.faults(clock_shift_s=0)
    assert wecom.post("message/recall", {"msgid": msgid})["errcode"] == 0
    assert wecom.inbox("bob")[0]["recalled"] is True
    assert wecom.press("bob", msgid).status_code == 409
