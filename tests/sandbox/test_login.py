"""The log-in pages and the codes they give."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.parties import AGENT, CORP


def authorize(wecom, application, path="/connect/oauth2/authorize", **changes):
    query = {
        "appid": CORP,
        "redirect_uri": f"{application.url}/wecom/login/callback?next=1",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "abc123",
        "agentid": str(AGENT),
        "sandbox_user": "bob",
    } | changes
    return requests.get(wecom.url + path, params=query, allow_redirects=False, timeout=10)


def code_of(answer) -> str:
    assert answer.status_code == 302, answer.text
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


@pytest.mark.parametrize("path", ["/connect/oauth2/authorize", "/wwlogin/sso/login"])
def test_A23_a_code_is_good_once(wecom, application, path):
    answer = authorize(wecom, application, path)
    where = urlsplit(answer.headers["Location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == f"{application.url}/wecom/login/callback"
    assert parse_qs(where.query)["state"] == ["abc123"]
    assert parse_qs(where.query)["next"] == ["1"]
    code = code_of(answer)
    assert wecom.get("auth/getuserinfo", code=code)["userid"] == "bob"
    assert wecom.get("auth/getuserinfo", code=code)["errcode"] == 40029
    assert wecom.get("auth/getuserinfo", code="made-up")["errcode"] == 40029


def test_A23_a_code_lapses_after_five_minutes(wecom, application):
    code = code_of(authorize(wecom, application))
    wecom.faults(clock_shift_s=301)
    assert wecom.get("auth/getuserinfo", code=code)["errcode"] == 42003


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.example/cb",
        "//evil.example",
        "javascript:alert(1)",
        "",
        "http://127.0.0.1:1/",
        "{app}@evil.example/",
    ],
)
def test_A23_codes_go_to_the_trusted_origin_only(wecom, application, redirect_uri):
    for path in ("/connect/oauth2/authorize", "/wwlogin/sso/login"):
        answer = authorize(wecom, application, path, redirect_uri=redirect_uri.replace("{app}", application.url))
        assert answer.status_code == 400
        assert "50001" in answer.text
        assert "Location" not in answer.headers


def test_localhost_is_the_same_place(wecom, application):
    other = application.url.replace("127.0.0.1", "localhost")
    assert code_of(authorize(wecom, application, redirect_uri=f"{other}/cb"))


@pytest.mark.parametrize(
    "change",
    [
        {"appid": "wwother"},
        {"scope": "everything"},
        {"response_type": "token"},
        {"state": "a-b"},
        {"agentid": "7"},
    ],
)
def test_wrong_parameters_end_on_an_error_page(wecom, application, change):
    assert authorize(wecom, application, **change).status_code == 400


def test_without_a_name_the_page_asks(wecom, application):
    answer = authorize(wecom, application, sandbox_user="")
    assert answer.status_code == 200
    assert 'data-user="alice"' in answer.text
    assert "<script" not in answer.text


def test_A24_a_visitor_has_no_userid(wecom, application):
    info = wecom.get("auth/getuserinfo", code=code_of(authorize(wecom, application, sandbox_user="~external")))
    assert info["errcode"] == 0
    assert "userid" not in info
    assert info["openid"]


def test_A24_a_member_outside_the_range_is_refused(wecom, application):
    wecom.faults(members={"bob": "out_of_range"})
    code = code_of(authorize(wecom, application))
    assert wecom.get("auth/getuserinfo", code=code)["errcode"] == 60021


def test_private_scope_gives_a_ticket(wecom, application):
    code = code_of(authorize(wecom, application, scope="snsapi_privateinfo"))
    ticket = wecom.get("auth/getuserinfo", code=code)["user_ticket"]
    assert wecom.post("auth/getuserdetail", {"user_ticket": ticket})["userid"] == "bob"
    assert wecom.post("auth/getuserdetail", {"user_ticket": "x"})["errcode"] == 84015


def open_link(session, wecom, msgid, link):
    return session.get(
        f"{wecom.url}/phone/bob/open",
        params={"msgid": msgid, "link": link},
        allow_redirects=False,
        timeout=10,
    )


def test_a_link_on_the_phone_opens_as_its_reader(wecom, application, card):
    """Plain links too: the log-in that the page starts next does not ask."""
    session = requests.Session()
    msgid = wecom.send(card)["msgid"]
    answer = open_link(session, wecom, msgid, "button_list/2")
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://app.example.com/t/42")
    query = {
        "appid": CORP,
        "redirect_uri": f"{application.url}/cb",
        "response_type": "code",
        "scope": "snsapi_base",
    }
    silent = session.get(f"{wecom.url}/connect/oauth2/authorize", params=query, allow_redirects=False, timeout=10)
    assert wecom.get("auth/getuserinfo", code=code_of(silent))["userid"] == "bob"


def test_a_link_to_the_real_login_page_stays_here(wecom, application, card):
    real = "https://open.weixin.qq.com/connect/oauth2/authorize?appid=x#wechat_redirect"
    card["card_action"] = {"type": 1, "url": real}
    answer = open_link(requests.Session(), wecom, wecom.send(card)["msgid"], "card_action")
    assert answer.headers["Location"] == "/connect/oauth2/authorize?appid=x&sandbox_user=bob"


def test_only_links_of_ones_own_messages_open(wecom, card):
    card["card_action"] = {"type": 1, "url": "javascript://x/%0aalert(1)"}
    session, msgid = requests.Session(), wecom.send(card, "bob|alice")["msgid"]
    assert open_link(session, wecom, msgid, "card_action").status_code == 404
    assert open_link(session, wecom, msgid, "https://evil.example").status_code == 404
    assert open_link(session, wecom, "other", "button_list/2").status_code == 404
