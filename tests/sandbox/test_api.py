"""Tokens, contacts, media, identity: all calls except sending."""

import pytest
import requests

from tests.sandbox.parties import AGENT, CORP


def raw(wecom, path, **params):
    return requests.get(f"{wecom.url}/cgi-bin/{path}", params=params, timeout=10)


@pytest.mark.parametrize(
    ("params", "errcode"),
    [
        ({}, 41002),
        ({"corpid": CORP}, 41004),
        ({"corpid": "wwffffffffffffffff", "corpsecret": "app-secret"}, 40013),
        ({"corpid": CORP, "corpsecret": "guess"}, 40001),
        ({"corpid": CORP, "corpsecret": "app-secret"}, 0),
    ],
)
def test_gettoken(wecom, params, errcode):
    answer = raw(wecom, "gettoken", **params)
    assert (answer.status_code, answer.json()["errcode"]) == (200, errcode)
    assert ("access_token" in answer.json()) is (errcode == 0)


def test_a_token_stays_the_same_and_belongs_to_one_application(wecom):
    assert wecom.log_in() == wecom.token
    contact = wecom.log_in("contact-secret")
    assert contact != wecom.token
    body = {"touser": "bob", "msgtype": "text", "agentid": AGENT, "text": {"content": "hi"}}
    assert wecom.post("message/send", body, contact)["errcode"] == 301002
    assert wecom.get("user/list", access_token=contact, department_id="1")["errcode"] == 48009
    assert wecom.post("user/list_id", {})["errcode"] == 48002
    assert len(wecom.post("user/list_id", {}, contact)["dept_user"]) == 4


def test_F21_tokens_can_be_missing_unknown_expired_or_revoked(wecom):
    assert wecom.get("getcallbackip", access_token="")["errcode"] == 41001
    assert wecom.get("getcallbackip", access_token="x")["errcode"] == 40014
    wecom.faults(tokens="expire")
    assert wecom.get("getcallbackip")["errcode"] == 42001
    assert wecom.log_in() != wecom.token
    wecom.token = wecom.log_in()
    assert wecom.get("getcallbackip")["errcode"] == 0
    wecom.faults(tokens="revoke")
    assert wecom.get("getcallbackip")["errcode"] == 40014


def test_an_unknown_path_is_404(wecom):
    assert raw(wecom, "message/telegraph").status_code == 404


def test_broken_json_is_said_in_the_text(wecom):
    answer = requests.post(
        f"{wecom.url}/cgi-bin/message/send", params={"access_token": wecom.token}, data=b"{oops", timeout=10
    ).json()
    assert answer["errcode"] == 41011
    assert "wrong json format" in answer["errmsg"]


def test_half_a_surrogate_pair_is_refused(wecom):
    answer = requests.post(
        f"{wecom.url}/cgi-bin/message/send",
        params={"access_token": wecom.token},
        data=b'{"agentid": "\\ud800"}',
        timeout=10,
    ).json()
    assert answer["errcode"] == 40033


def test_departments(wecom):
    departments = {d["id"]: d for d in wecom.get("department/list")["department"]}
    assert departments[3] == {
        "id": 3, "name": "平台组", "name_en": "", "department_leader": ["bob"], "parentid": 2, "order": 998
    }  # fmt: skip
    assert {d["id"] for d in wecom.get("department/simplelist", id="2")["department_id"]} == {2, 3}
    assert wecom.get("department/get", id="4")["department"]["name"] == "运维部"
    assert wecom.get("department/get", id="77")["errcode"] == 60003


def test_members(wecom):
    bob = wecom.get("user/get", userid="BOB")
    assert (bob["userid"], bob["direct_leader"], bob["is_leader_in_dept"]) == ("bob", ["carol"], [1])
    assert (bob["main_department"], bob["status"]) == (3, 1)
    assert not {"mobile", "email", "avatar"} & bob.keys()
    assert wecom.get("user/get", userid="nobody")["errcode"] == 60111
    assert [m["userid"] for m in wecom.get("user/list", department_id="2")["userlist"]] == ["carol"]
    below = wecom.get("user/simplelist", department_id="2", fetch_child="1")["userlist"]
    assert {m["userid"] for m in below} == {"alice", "bob", "carol"}


def test_list_id_pages(wecom):
    contact = wecom.log_in("contact-secret")
    first = wecom.post("user/list_id", {"limit": 3}, contact)
    rest = wecom.post("user/list_id", {"limit": 3, "cursor": first["next_cursor"]}, contact)
    assert len(first["dept_user"] + rest["dept_user"]) == 4
    assert rest["next_cursor"] == ""


def test_a_member_can_leave_the_visible_range(wecom, card):
    wecom.faults(members={"alice": "out_of_range", "erin": "left"})
    assert wecom.get("user/get", userid="alice")["errcode"] == 60011
    assert wecom.get("user/get", userid="erin")["status"] == 5
    assert wecom.send(card, "alice|erin|bob")["invaliduser"] == "alice|erin"


def upload(wecom, part: bytes, kind: str = "file"):
    body = b"--B\r\n" + part + b"\r\n--B--\r\n"
    return requests.post(
        f"{wecom.url}/cgi-bin/media/upload",
        params={"access_token": wecom.token, "type": kind},
        data=body,
        headers={"Content-Type": "multipart/form-data; boundary=B"},
        timeout=10,
    ).json()


def test_a_file_goes_up_comes_down_and_is_sent(wecom):
    content = bytes(range(256)) * 40
    head = 'Content-Disposition: form-data; name="media"; filename="月报.xlsx"\r\n\r\n'.encode()
    answer = upload(wecom, head + content)
    assert answer["errcode"] == 0
    assert answer["created_at"].isdecimal()
    down = raw(wecom, "media/get", access_token=wecom.token, media_id=answer["media_id"])
    assert down.content == content
    body = {"touser": "bob", "msgtype": "file", "agentid": AGENT, "file": {"media_id": answer["media_id"]}}
    assert wecom.post("message/send", body)["errcode"] == 0
    assert wecom.inbox("bob")[0]["file"]["filename"] == "月报.xlsx"
    wecom.faults(clock_shift_s=3 * 24 * 3600 + 1)
    wecom.token = wecom.log_in()
    assert wecom.get("media/get", media_id=answer["media_id"])["errcode"] == 40007


@pytest.mark.parametrize(
    ("disposition", "kind", "errcode"),
    [
        ("form-data; name=\"media\"; filename*=utf-8''a.xlsx", "file", 44001),
        ('form-data; name="other"; filename="a.xlsx"', "file", 44001),
        ('form-data; name="media"; filename="a.xlsx"', "sculpture", 40004),
    ],
)
def test_uploads_are_checked(wecom, disposition, kind, errcode):
    part = f"Content-Disposition: {disposition}\r\n\r\n".encode() + b"0123456789"
    assert upload(wecom, part, kind)["errcode"] == errcode


def test_a_library_upload_is_understood(wecom):
    content = b"\r\n--x\r\n" * 100
    answer = requests.post(
        f"{wecom.url}/cgi-bin/media/upload",
        params={"access_token": wecom.token, "type": "file"},
        files={"media": ("report.xlsx", content)},
        timeout=10,
    ).json()
    assert (
        raw(wecom, "media/get", access_token=wecom.token, media_id=answer["media_id"]).content == b"\r\n--x\r\n" * 100
    )


def test_the_journal_hides_what_opens_doors(wecom):
    wecom.log_in()
    text = str(wecom.journal())
    assert "app-secret" not in text
    assert wecom.token not in text
