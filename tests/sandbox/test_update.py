"""message/update_template_card: whose copies change, and how often a code is valid."""

from tests.sandbox.parties import AGENT


def update(wecom, code, **body):
    return wecom.post("message/update_template_card", {"agentid": AGENT, "response_code": code, **body})


def test_a_grey_button_for_the_named_ones_only(wecom, card):
    code = wecom.send(card, "alice|bob")["response_code"]
    answer = update(wecom, code, userids=["alice", "erin", "Nobody"], button={"replace_name": "已通过"})
    assert answer["errcode"] == 0
    assert sorted(answer["invaliduser"]) == ["erin", "nobody"]
    [alice], [bob] = wecom.inbox("alice"), wecom.inbox("bob")
    assert (alice["state"], alice["replace_text"]) == ("replaced", "已通过")
    assert bob["state"] == "live"
    assert wecom.press("alice", alice["msgid"]).status_code == 409


def test_everybody_at_once(wecom, card):
    code = wecom.send(card, "alice|bob")["response_code"]
    assert update(wecom, code, atall=1, button={"replace_name": "已撤回"})["errcode"] == 0
    assert [wecom.inbox(u)[0]["state"] for u in ("alice", "bob")] == ["replaced", "replaced"]


def test_F25_a_code_is_good_once(wecom, card):
    code = wecom.send(card)["response_code"]
    assert update(wecom, code, atall=1, button={"replace_name": "一"})["errcode"] == 0
    assert update(wecom, code, atall=1, button={"replace_name": "二"})["errcode"] == 42022
    assert wecom.inbox("bob")[0]["replace_text"] == "一"
    assert update(wecom, "made-up", atall=1, button={"replace_name": "三"})["errcode"] == 42022


def test_F25_a_code_lapses_after_72_hours(wecom, card):
    code = wecom.send(card)["response_code"]
    wecom.faults(clock_shift_s=72 * 3600 + 1)
    wecom.token = wecom.log_in()
    assert update(wecom, code, atall=1, button={"replace_name": "晚了"})["errcode"] == 42022
    assert wecom.inbox("bob")[0]["state"] == "live"


def test_a_refused_update_leaves_the_code_good(wecom, card):
    code = wecom.send(card)["response_code"]
    assert update(wecom, code, button={"replace_name": "x"})["errcode"] == 82001
    assert update(wecom, code, atall=1)["errcode"] == 40063
    assert update(wecom, code, atall=1, template_card=card | {"card_type": "tarot"})["errcode"] == 42031
    assert update(wecom, code, atall=1, button={"replace_name": "好"})["errcode"] == 0


def test_a_new_card_can_be_pressed_again_unless_it_says_otherwise(wecom, card):
    code = wecom.send(card, "alice|bob")["response_code"]
    new = card | {"main_title": {"title": "改了"}, "task_id": card["task_id"] + "-v2"}
    assert update(wecom, code, userids=["bob"], template_card=new)["errcode"] == 0
    [bob] = wecom.inbox("bob")
    assert (bob["card"]["main_title"]["title"], bob["state"], bob["task_id"]) == (
        "改了",
        "live",
        new["task_id"],
    )
    assert wecom.inbox("alice")[0]["card"] == card
    assert wecom.press("bob", bob["msgid"]).json()["ok"] is True

    other = wecom.send(card | {"task_id": card["task_id"] + "-other"})["response_code"]
    grey = card | {"task_id": card["task_id"] + "-grey", "replace_text": "已处理"}
    assert update(wecom, other, atall=1, template_card=new)["errcode"] == 42014
    assert update(wecom, other, atall=1, template_card=grey)["errcode"] == 0
    assert wecom.inbox("bob")[-1]["replace_text"] == "已处理"


def test_a_card_without_buttons_takes_no_grey_one(wecom):
    menu = {"desc": "m", "action_list": [{"text": "t", "key": "k"}]}
    notice = {
        "card_type": "text_notice", "main_title": {"title": "t"}, "action_menu": menu, "task_id": "notice-1",
        "card_action": {"type": 1, "url": "https://app.example.com"},
    }  # fmt: skip
    code = wecom.send(notice)["response_code"]
    assert update(wecom, code, atall=1, button={"replace_name": "x"})["errcode"] == 42031
