"""The fault switches work."""

import time

import pytest
import requests

from tests.sandbox.parties import AGENT, eventually

TEXT = {"touser": "bob", "msgtype": "text", "agentid": AGENT, "text": {"content": "hi"}}


def test_F21_an_errcode_for_the_next_calls(wecom):
    wecom.faults(endpoint="message/send", errcode=45009, times=2)
    assert [wecom.post("message/send", TEXT)["errcode"] for _ in range(3)] == [45009, 45009, 0]
    assert len(wecom.inbox("bob")) == 1


def test_F21_an_http_error_and_a_dead_platform(wecom):
    wecom.faults(endpoint="*", http=500)
    url = f"{wecom.url}/cgi-bin/getcallbackip"
    assert requests.get(url, params={"access_token": wecom.token}, timeout=10).status_code == 500
    wecom.faults(down=True)
    assert requests.get(url, params={"access_token": wecom.token}, timeout=10).status_code == 503
    wecom.faults(reset=True)
    assert wecom.get("getcallbackip")["errcode"] == 0


def test_F21_an_answer_can_be_lost_after_the_message_went_out(wecom):
    wecom.faults(endpoint="message/send", http=502, lost=True)
    answer = requests.post(
        f"{wecom.url}/cgi-bin/message/send", params={"access_token": wecom.token}, json=TEXT, timeout=10
    )
    assert answer.status_code == 502
    assert len(wecom.inbox("bob")) == 1
    assert wecom.journal("api")[-1]["lost"] is True


def test_F21_a_slow_answer(wecom):
    wecom.faults(endpoint="getcallbackip", slow_s=0.4)
    started = time.monotonic()
    assert wecom.get("getcallbackip")["errcode"] == 0
    assert time.monotonic() - started >= 0.4


def test_the_silent_limit_per_member(wecom):
    wecom.faults(member_limit_per_min=2)
    assert [wecom.post("message/send", TEXT)["errcode"] for _ in range(3)] == [0, 0, 0]
    assert len(wecom.inbox("bob")) == 2
    assert [entry["userid"] for entry in wecom.journal("dropped")] == ["bob"]
    assert requests.get(f"{wecom.url}/phone/bob/state", timeout=10).json()["dropped"] == 1


def test_F21_the_silent_limit_is_there_unless_it_is_lifted(wecom):
    sent = [wecom.post("message/send", TEXT)["errcode"] for _ in range(31)]
    assert (sent, len(wecom.inbox("bob"))) == ([0] * 31, 30)
    wecom.faults(clock_shift_s=61)
    wecom.token = wecom.log_in()
    wecom.post("message/send", TEXT)
    assert len(wecom.inbox("bob")) == 31
    wecom.faults(member_limit_per_min=None, clock_shift_s=0)
    assert [wecom.post("message/send", TEXT)["errcode"] for _ in range(40)] == [0] * 40
    assert len(wecom.inbox("bob")) == 71


def test_F24_a_dropped_callback(wecom, application, card):
    wecom.faults(callbacks={"drop": 1})
    msgid = wecom.send(card)["msgid"]
    assert wecom.press("bob", msgid).json() == {"ok": False, "attempts": 0, "error": "dropped"}
    assert application.events == []
    assert wecom.press("bob", msgid).json()["ok"] is True


@pytest.mark.parametrize("parallel", [False, True])
def test_F23_the_same_event_twice(wecom, application, card, parallel):
    wecom.faults(callbacks={"duplicate": 1, "parallel": parallel})
    assert wecom.press("bob", wecom.send(card)["msgid"]).json()["ok"] is True
    first, second = application.events
    assert first == second


def test_F23_a_late_event(wecom, application, card):
    wecom.faults(callbacks={"late_s": 0.3})
    msgid = wecom.send(card)["msgid"]
    assert wecom.press("bob", msgid).json()["error"] == "late"
    eventually(lambda: wecom.inbox("bob")[0]["state"] == "replaced")
    assert len(application.events) == 1


def test_F23_events_out_of_order(wecom, application, card):
    wecom.faults(callbacks={"hold": True})
    msgid = wecom.send(card, "alice|bob")["msgid"]
    application.reply = lambda event: (200, application.button("好", to=event["FromUserName"]))
    assert wecom.press("alice", msgid).json()["error"] == "held"
    assert wecom.press("bob", msgid, "reject").json()["error"] == "held"
    assert application.events == []
    answer = requests.post(f"{wecom.url}/sandbox/callbacks/release", json={"order": "newest_first"}, timeout=10).json()
    assert [one["ok"] for one in answer["results"]] == [True, True]
    assert [event["FromUserName"] for event in application.events] == ["bob", "alice"]


@pytest.mark.parametrize(
    "switches",
    [
        {"typo": 1},
        {"errcode": 1},
        {"endpoint": "message/send"},
        {"endpoint": "message/send", "http": "x"},
        {"down": "yes"},
        {"tokens": "burn"},
        {"clock_shift_s": -1},
        {"members": {"bob": "promoted"}},
        {"callbacks": {"drop": -1}},
        {"callbacks": 1},
    ],
)
def test_a_wrong_switch_is_refused(wecom, switches):
    answer = wecom.faults(**switches)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_another_site_cannot_flip_a_switch(wecom):
    answer = requests.post(
        f"{wecom.url}/sandbox/faults",
        json={"down": True},
        headers={"Sec-Fetch-Site": "cross-site"},
        timeout=10,
    )
    assert answer.status_code == 403
    assert wecom.get("getcallbackip")["errcode"] == 0
