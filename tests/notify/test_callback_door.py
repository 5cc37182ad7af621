"""The callback endpoint: refused requests store nothing and all get the same answer."""

import base64
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings
from django.test import Client

from notify.models import Callback, Card
from notify.wecom import xml
from tests.notify.platform import AGENT, CORP, Tap, address, encrypted_of, envelope, post, sealer, tap
from tests.notify.test_xml import HOSTILE
from tests.within import within

pytestmark = pytest.mark.django_db(transaction=True)


def _query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query)


class TestAddress:
    def test_the_echo_comes_back_bare(self):
        encrypted = sealer().encrypt("1616140317555161061")
        url = address(encrypted)
        response = Client().get(url, {**dict(_query(url)), "echostr": encrypted})
        assert (response.status_code, response.content) == (200, b"1616140317555161061")

    @pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce", "echostr"])
    def test_A16_a_missing_parameter_is_refused(self, missing):
        encrypted = sealer().encrypt("1")
        query = {**dict(_query(address(encrypted))), "echostr": encrypted}
        del query[missing]
        response = Client().get("/wecom/callback", query)
        assert (response.status_code, response.content) == (403, b"")

    def test_other_methods_are_not_known(self):
        assert Client().put("/wecom/callback").status_code == 405

    def test_I26_without_keys_nothing_comes_in(self, settings):
        settings.WECOM_TOKEN = ""
        assert post("<xml/>").status_code == 403


class TestRefusals:
    """Nothing is stored, nothing is told, and all causes look alike."""

    def refused(self, response, status: int = 403) -> None:
        assert (response.status_code, response.content) == (status, b"")
        assert Callback.objects.count() == 0

    def test_A16_a_wrong_signature(self, ticket):
        document = envelope(tap("bob").xml())
        url = address(encrypted_of(document) + "A")
        self.refused(Client().post(url, document, content_type="text/xml"))

    def test_A16_a_repeated_parameter(self, ticket):
        document = envelope(tap("bob").xml())
        url = address(encrypted_of(document)) + "&msg_signature=" + "0" * 40
        self.refused(Client().post(url, document, content_type="text/xml"))

    @pytest.mark.parametrize("change", [{"corp": "wwffffffffffffffff"}, {"agent": "1000003"}, {"agent": ""}])
    def test_A18_another_corp_or_agent_inside(self, ticket, change):
        card = Card.objects.get(user__username="bob")
        self.refused(post(Tap("bob", card.key, "approve", **change).xml()))

    def test_A18_another_receiver(self, ticket):
        self.refused(post(tap("bob").xml(), receiver="wwffffffffffffffff"))

    @pytest.mark.parametrize("timestamp", [-(2**70), 2**70])
    def test_A19_an_impossible_timestamp(self, ticket, timestamp):
        self.refused(post(tap("bob").xml(), at=timestamp))

    @pytest.mark.parametrize("name", [n for n in HOSTILE if n not in ("too long", "nul")])
    def test_A20_hostile_inner_xml(self, ticket, name):
        self.refused(post(HOSTILE[name]))

    @pytest.mark.parametrize("name", [n for n in HOSTILE if n not in ("too long", "nul")])
    def test_A20_hostile_outer_xml(self, ticket, name):
        url = address("A" * 44)
        self.refused(Client().post(url, HOSTILE[name], content_type="text/xml"), 400)

    def test_A20_a_duplicate_encrypt_element(self, ticket):
        first, second = envelope(tap("bob").xml()), encrypted_of(envelope("<xml/>"))
        document = first.replace("</xml>", f"<Encrypt>{second}</Encrypt></xml>")
        self.refused(Client().post(address(encrypted_of(first)), document, content_type="text/xml"), 400)

    def test_A19_ten_megabytes_cost_nothing(self, ticket):
        with within(1):
            response = Client().post(address("x"), "x" * 10_000_000, content_type="text/xml")
            self.refused(response, 400)

    @pytest.mark.parametrize("length", ["-1", "1e9", "", "9" * 30])
    def test_A19_a_lying_length(self, ticket, length):
        response = Client().post(address("x"), "x", content_type="text/xml", CONTENT_LENGTH=length)
        assert response.status_code == 400

    @pytest.mark.parametrize("encrypted", ["!!!!", "AAAA", base64.b64encode(b"\0" * 64).decode()])
    def test_A19_a_signed_ciphertext_that_is_none(self, ticket, encrypted):
        document = f"<xml><Encrypt>{encrypted}</Encrypt></xml>"
        self.refused(Client().post(address(encrypted), document, content_type="text/xml"))

    def test_other_events_are_acknowledged_and_not_kept(self, ticket):
        response = post(Tap("bob", "", "", event="enter_agent").xml())
        assert (response.status_code, response.content) == (200, b"")
        assert Callback.objects.count() == 0


def test_the_constants_are_those_of_the_tests():
    assert (settings.WECOM_CORP_ID, str(settings.WECOM_AGENT_ID)) == (CORP, AGENT)
    assert xml.MAX_BYTES < 100_000
