"""The WeCom client against a server that misbehaves like the platform."""

import threading
import time

import pytest
import requests

from notify.wecom import client as module
from notify.wecom.client import WeComClient, WeComError, cgi_bin
from tests.notify.servers import FakeWeCom, ok, slow


@pytest.fixture
def fake():
    with FakeWeCom() as server:
        yield server


def client_of(fake: FakeWeCom, secret: str = "s3cr3t-of-the-app") -> WeComClient:
    return WeComClient(corp_id="ww0123456789abcdef", secret=secret, api_base=fake.url)


@pytest.mark.parametrize("base", ["http://x:1", "http://x:1/", "http://x:1/cgi-bin", "http://x:1/cgi-bin/"])
def test_the_api_base_may_name_cgi_bin(base):
    assert cgi_bin(base) == "http://x:1/cgi-bin/"


def test_one_token_serves_many_calls(fake):
    client = client_of(fake)
    for _ in range(3):
        client.post("message/send", data={"touser": "鲍勃"})
    assert [call.endpoint for call in fake.calls] == ["gettoken", *["message/send"] * 3]
    assert fake.calls[1].body == {"touser": "鲍勃"}


@pytest.mark.parametrize("errcode", [40014, 42001])
def test_F21_a_refused_token_is_replaced_once(fake, errcode):
    fake.script["message/send"] = [{"errcode": errcode, "errmsg": "token"}]
    assert client_of(fake).post("message/send", data={})["errcode"] == 0
    assert [call.endpoint for call in fake.calls] == ["gettoken", "message/send"] * 2
    assert [call.query["access_token"] for call in fake.of("message/send")] == ["token-1", "token-2"]


def test_F21_a_token_that_stays_refused_is_not_asked_for_for_ever(fake):
    fake.script["message/send"] = [{"errcode": 42001, "errmsg": "token"}] * 10
    with pytest.raises(WeComError) as caught:
        client_of(fake).post("message/send", data={})
    assert caught.value.is_down
    assert len(fake.of("message/send")) == 2


def test_F21_ten_threads_fetch_one_token(fake):
    client, failures = client_of(fake), []
    barrier = threading.Barrier(10)

    def call() -> None:
        barrier.wait()
        try:
            client.post("message/send", data={})
        except WeComError as error:
            failures.append(error)

    threads = [threading.Thread(target=call) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert fake.tokens == 1


def test_a_token_is_refreshed_before_it_ends(fake, monkeypatch):
    client = client_of(fake)
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    client.post("message/send", data={})
    now[0] += 7200 - module.EARLY_S + 1
    client.post("message/send", data={})
    assert fake.tokens == 2


@pytest.mark.parametrize("errcode", [-1, 45009, 45033, 40001, 60020])
def test_what_concerns_every_call_is_down(fake, errcode):
    fake.script["message/send"] = [{"errcode": errcode, "errmsg": "x"}]
    with pytest.raises(WeComError) as caught:
        client_of(fake).post("message/send", data={})
    assert caught.value.is_down
    assert caught.value.errcode == errcode


@pytest.mark.parametrize("errcode", [81013, 60111, 42014, 45002])
def test_what_concerns_one_message_is_not(fake, errcode):
    fake.script["message/send"] = [{"errcode": errcode, "errmsg": "x"}]
    with pytest.raises(WeComError) as caught:
        client_of(fake).post("message/send", data={})
    assert not caught.value.is_down


@pytest.mark.parametrize("answer", [500, 404, 302])
def test_an_http_error_is_down(fake, answer):
    fake.script["message/send"] = [answer]
    with pytest.raises(WeComError) as caught:
        client_of(fake).post("message/send", data={})
    assert caught.value.is_down


def test_F42_a_hung_server_is_left_after_the_time_limit(fake, monkeypatch):
    monkeypatch.setattr(module, "READ_S", 0.2)
    monkeypatch.setattr(module, "CONNECT_S", 0.2)
    fake.script["message/send"] = [slow(1.5)]
    with pytest.raises(WeComError, match="Timeout"):
        client_of(fake).post("message/send", data={})


def test_F42_a_hung_gettoken_is_left_after_the_time_limit(fake, monkeypatch):
    monkeypatch.setattr(module, "READ_S", 0.2)
    fake.script["gettoken"] = [slow(1.5)]
    with pytest.raises(WeComError, match="Timeout"):
        client_of(fake).post("message/send", data={})


@pytest.mark.parametrize("endpoint", ["gettoken", "message/send"])
def test_I24_no_error_holds_a_secret(fake, endpoint, monkeypatch):
    client = client_of(fake)

    def refuse(*args, **kwargs):
        raise requests.ConnectionError(f"Max retries exceeded with url: {args} {kwargs}")

    if endpoint == "gettoken":
        monkeypatch.setattr(client._http, "get", refuse)
    else:
        monkeypatch.setattr(client._http, "request", refuse)
    with pytest.raises(WeComError) as caught:
        client.post("message/send", data={})
    shown = f"{caught.value!r} {caught.value} {caught.value.__cause__}"
    assert "s3cr3t" not in shown
    assert "token-1" not in shown


def test_I24_the_cache_key_tells_nothing(fake):
    assert "s3cr" not in client_of(fake).access_token_key


def test_a_good_answer_comes_back_whole(fake):
    fake.script["message/send"] = [ok(msgid="m", response_code="r", invaliduser="")]
    answer = client_of(fake).post("message/send", data={})
    assert (answer["msgid"], answer["response_code"]) == ("m", "r")
