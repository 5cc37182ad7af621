"""An undeclared reverse proxy is detected (A46)."""

import logging
import urllib.request

import pytest
from django.core import signing
from django.test import Client, RequestFactory

from common import address
from config import health


def probe() -> dict[str, str]:
    return {health.PROBE: signing.dumps("hops", salt=health.PROBE)}


@pytest.mark.parametrize(("forwarded", "hops"), [(None, 0), ("10.0.0.1", 1), ("10.0.0.1, 10.0.0.2", 2)])
def test_only_our_own_probe_hears_how_a_request_arrives(forwarded, hops) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert Client().get("/healthz/hops", headers={**headers, **probe()}).json() == {"ok": True, "hops": hops}
    for stranger in ({}, {health.PROBE: "x"}, {health.PROBE: signing.dumps("hops", salt="other")}):
        assert Client().get("/healthz/hops", headers={**headers, **stranger}).json() == {"ok": True}


@pytest.mark.parametrize(
    "case", [(0, None, "ok"), (1, "10.0.0.1", "ok"), (0, "10.0.0.1", "set it to 1"), (1, None, "set it to 0")]
)
@pytest.mark.django_db(transaction=True)
def test_doctor_counts_the_reverse_proxies(live_server, settings, monkeypatch, case) -> None:
    declared, forwarded, says = case
    settings.BATON_URL, settings.PROXY_COUNT = live_server.url, declared
    if forwarded:
        real = urllib.request.Request

        def through_a_proxy(url, headers):
            return real(url, headers={**headers, "X-Forwarded-For": forwarded})

        monkeypatch.setattr(urllib.request, "Request", through_a_proxy)
    assert says in health.proxies()


def test_doctor_says_when_nobody_answers(settings) -> None:
    settings.BATON_URL = "http://127.0.0.1:9"
    assert health.proxies().startswith("off: http://127.0.0.1:9 does not answer")


def test_an_undeclared_proxy_is_logged_once(monkeypatch, caplog, settings) -> None:
    monkeypatch.setattr(address, "_is_noticed", False)
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.9"}, REMOTE_ADDR="10.0.0.1")
    with caplog.at_level(logging.WARNING):
        assert {address.client_address(request) for _try in range(3)} == {"10.0.0.1"}
    assert [record.message for record in caplog.records] == ["proxy.undeclared"]
    settings.PROXY_COUNT = 1
    assert address.client_address(request) == "203.0.113.9"
