"""Log-in through WeCom (A23, A24): one state, one code, one exact and active person."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accounts.access.sessions import stored
from accounts.models import Session, User
from tests.notify.servers import ok

pytestmark = pytest.mark.django_db(transaction=True)
INSIDE = "Mozilla/5.0 (iPhone) AppleWebKit wxwork/4.1.0 MicroMessenger/7.0.1"


def begin(browser: Client, following: str = "/tickets/LEV-1", **headers: Any) -> dict[str, str]:
    """Start a log-in; the parameters that the browser carries to WeCom."""
    response = browser.get("/wecom/login", {"next": following}, **headers)
    assert response.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(response["Location"]).query).items()}


def come_back(browser: Client, **query: str):
    return browser.get("/wecom/login/callback", query)


def logged_in(browser: Client) -> str | None:
    key = browser.cookies["sessionid"].value if "sessionid" in browser.cookies else None
    row = Session.objects.filter(session_key=stored(key)).select_related("user").first()
    return row.user.username if row and row.user else None


def refused(response, browser: Client, reason: str) -> None:
    assert response.status_code == 403
    text = response.content.decode()
    assert f'data-reason="{reason}"' in text
    assert 'href="/login"' in text
    assert "用密码登录" in text
    assert "password" in text
    assert logged_in(browser) is None


def test_a_person_logs_in_and_lands_where_he_wanted(wecom, people):
    browser = Client()
    wecom.users["c1"] = ok(userid="bob")
    sent = begin(browser)
    response = come_back(browser, code="c1", state=sent["state"])
    assert (response.status_code, response["Location"]) == (302, "/tickets/LEV-1")
    assert logged_in(browser) == "bob"


def test_inside_wecom_it_is_silent(settings, people):
    settings.WECOM_OAUTH_BASE = "https://open.weixin.qq.com"
    response = Client().get("/wecom/login", HTTP_USER_AGENT=INSIDE)
    parts = urlsplit(response["Location"])
    assert (parts.netloc, parts.path, parts.fragment) == (
        "open.weixin.qq.com",
        "/connect/oauth2/authorize",
        "wechat_redirect",
    )
    query = parse_qs(parts.query)
    assert query["appid"] == ["ww0123456789abcdef"]
    assert query["agentid"] == ["1000002"]
    assert query["scope"] == ["snsapi_base"]
    assert query["redirect_uri"] == ["http://127.0.0.1:8000/wecom/login/callback"]


def test_elsewhere_it_is_a_code_to_scan(settings, people):
    settings.WECOM_LOGIN_BASE = "https://login.work.weixin.qq.com"
    parts = urlsplit(Client().get("/wecom/login")["Location"])
    assert (parts.netloc, parts.path) == ("login.work.weixin.qq.com", "/wwlogin/sso/login")
    assert parse_qs(parts.query)["login_type"] == ["CorpApp"]


def test_whoever_is_logged_in_goes_straight_on(people):
    browser = Client()
    browser.force_login(people["bob"], backend="accounts.backends.PasswordBackend")
    response = browser.get("/wecom/login", {"next": "/tickets/LEV-2"})
    assert response["Location"] == "/tickets/LEV-2"


def test_inside_wecom_the_holder_of_the_phone_acts_not_who_is_still_logged_in(settings, people):
    browser = Client()
    browser.force_login(people["bob"], backend="accounts.backends.PasswordBackend")
    response = browser.get("/wecom/login", {"inside": "1", "next": "/tickets/LEV-2"})
    assert urlsplit(response["Location"]).path == "/connect/oauth2/authorize"


class TestState:
    def test_A23_a_missing_or_wrong_state(self, wecom, people):
        wecom.users["c1"] = ok(userid="bob")
        for state in ("", "0" * 32, "工单"):
            browser = Client()
            begin(browser)
            refused(come_back(browser, code="c1", state=state), browser, "state")
        assert wecom.calls == []

    def test_A23_a_state_of_another_browser(self, wecom, people):
        attacker, victim = Client(), Client()
        wecom.users["c1"] = ok(userid="bob")
        state = begin(attacker)["state"]
        begin(victim)
        refused(come_back(victim, code="c1", state=state), victim, "state")

    def test_A23_a_state_used_twice(self, wecom, people):
        browser = Client()
        state = begin(browser)["state"]
        refused(come_back(browser, code="bad", state=state), browser, "unanswered")
        wecom.users["c1"] = ok(userid="bob")
        refused(come_back(browser, code="c1", state=state), browser, "state")

    def test_A23_a_state_that_is_too_old(self, wecom, people, monkeypatch):
        browser = Client()
        wecom.users["c1"] = ok(userid="bob")
        state = begin(browser)["state"]
        import time

        later = time.time() + 601
        monkeypatch.setattr("notify.wecom.login.time.time", lambda: later)
        refused(come_back(browser, code="c1", state=state), browser, "state")

    def test_A23_two_tabs_can_both_finish(self, wecom, people):
        browser = Client()
        wecom.users["c1"] = ok(userid="bob")
        first, _second = begin(browser, "/a")["state"], begin(browser, "/b")["state"]
        assert come_back(browser, code="c1", state=first)["Location"] == "/a"

    def test_A23_the_session_gets_a_new_id(self, wecom, people):
        browser = Client()
        wecom.users["c1"] = ok(userid="bob")
        state = begin(browser)["state"]
        browser.get("/login")
        assert not Session.objects.exists()  # a visitor leaves no row behind
        browser.force_login(people["heidi"], backend="accounts.backends.PasswordBackend")
        before = browser.cookies["sessionid"].value
        come_back(browser, code="c1", state=state)
        assert browser.cookies["sessionid"].value != before
        assert not Session.objects.filter(session_key=stored(before)).exists()

    def test_A23_a_forged_or_borrowed_cookie_holds_no_state(self, wecom, people):
        wecom.users["c1"] = ok(userid="bob")
        state = begin(Client())["state"]
        for planted in (f'[["{state}", "/", 9999999999]]', "x:y:z", ""):
            browser = Client()
            browser.cookies["baton_wecom_login"] = planted
            refused(come_back(browser, code="c1", state=state), browser, "state")

    def test_A47_an_anonymous_visit_makes_no_row(self, people):
        for _visit in range(5):
            begin(Client())
            Client().get("/login")
            Client().get("/api/v1/me")
        assert not Session.objects.exists()

    def test_A46_the_phone_becomes_a_known_device(self, wecom, people):
        browser = Client()
        wecom.users["c1"] = ok(userid="bob")
        come_back(browser, code="c1", state=begin(browser)["state"])
        assert browser.cookies["baton_device"].value

    def test_states_are_random(self, people):
        states = {begin(Client())["state"] for _ in range(5)}
        assert len(states) == 5
        assert all(len(state) == 32 and state.isalnum() for state in states)


class TestCode:
    def test_A23_a_used_code(self, wecom, people):
        browser = Client()
        wecom.users["c1"] = ok(userid="bob")
        come_back(browser, code="c1", state=begin(browser)["state"])
        other = Client()
        refused(come_back(other, code="c1", state=begin(other)["state"]), other, "unanswered")

    @pytest.mark.parametrize("code", ["", "x" * 513])
    def test_A23_no_code_or_no_real_one(self, wecom, people, code):
        browser = Client()
        refused(come_back(browser, code=code, state=begin(browser)["state"]), browser, "code")
        assert wecom.calls == []

    def test_I20_wecom_down_shows_another_way(self, wecom, people):
        wecom.script["gettoken"] = [500]
        browser = Client()
        refused(come_back(browser, code="c1", state=begin(browser)["state"]), browser, "unanswered")


class TestIdentity:
    @pytest.mark.parametrize(
        "identity",
        [
            ok(),
            ok(userid=""),
            ok(userid=None),
            ok(userid=["bob"]),
            ok(userid={"$ne": ""}),
            ok(userid=True),
            ok(openid="o-bob"),
            ok(openid="bob", external_userid="bob"),
            ok(UserId="bob"),
            ok(userid="b\u014db"),
            ok(userid="bob "),
            ok(userid="bob@example.com"),
            ok(userid="ｂｏｂ"),
            ok(userid="nobody", name="Bob", email="bob@example.com", mobile="1"),
            ok(user_ticket="t"),
        ],
        ids=str,
    )
    def test_A24_no_exact_userid_no_session(self, wecom, people, identity):
        browser = Client()
        wecom.users["c1"] = identity
        refused(come_back(browser, code="c1", state=begin(browser)["state"]), browser, "unknown")

    @pytest.mark.parametrize("userid", ["BOB", "Bob"])
    def test_A24_the_same_userid_in_another_case_is_the_same_person(self, wecom, people, userid):
        browser = Client()
        wecom.users["c1"] = ok(userid=userid)
        come_back(browser, code="c1", state=begin(browser)["state"])
        assert logged_in(browser) == "bob"

    def test_A24_a_disabled_person(self, wecom, people):
        User.objects.filter(username="bob").update(is_active=False)
        browser = Client()
        wecom.users["c1"] = ok(userid="bob")
        refused(come_back(browser, code="c1", state=begin(browser)["state"]), browser, "unknown")

    def test_A24_a_person_without_a_wecom_account(self, wecom, people):
        User.objects.filter(username="bob").update(wecom_userid=None)
        browser = Client()
        wecom.users["c1"] = ok(userid="bob")
        refused(come_back(browser, code="c1", state=begin(browser)["state"]), browser, "unknown")

    def test_A24_outside_the_visible_range(self, wecom, people):
        browser = Client()
        wecom.users["c1"] = {"errcode": 60021, "errmsg": "not in range"}
        refused(come_back(browser, code="c1", state=begin(browser)["state"]), browser, "unanswered")


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\tevil",
        "javascript:alert(1)",
        "tickets/1",
        "",
        "/\r\nSet-Cookie: a=b",
        "http:///evil.example",
        "/" + "a" * 600,
    ],
)
def test_A23_next_stays_on_this_site(wecom, people, following):
    browser = Client()
    wecom.users["c1"] = ok(userid="bob")
    state = begin(browser, following)["state"]
    assert come_back(browser, code="c1", state=state)["Location"] == "/"


def test_A23_the_host_header_is_not_believed(people):
    response = Client().get("/wecom/login", HTTP_HOST="localhost:9999")
    assert parse_qs(urlsplit(response["Location"]).query)["redirect_uri"] == [
        "http://127.0.0.1:8000/wecom/login/callback"
    ]
    assert Client().get("/wecom/login", HTTP_HOST="evil.example").status_code == 400


def test_a_house_without_wecom_says_so(settings, people):
    settings.WECOM_ENABLED = False
    browser = Client()
    refused(browser.get("/wecom/login"), browser, "off")


def test_A25_the_answers_are_not_kept(wecom, people):
    assert Client().get("/wecom/login")["Cache-Control"] == "no-store"
