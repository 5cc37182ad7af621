"""Webhooks against a real server: sent once, only to allowed addresses, within the time limit (A40, F42)."""

import hashlib
import hmac
import json
import socket
import ssl
import time
from collections.abc import Iterator

import pytest
from django.utils import timezone

from common.egress import client as egress
from notify.models import Delivery
from notify.recipients.subscriber import on_events
from notify.sending.deliver import deliver
from notify.sending.sweep import sweep
from tests.notify.machine import NAME, Machine, answer, self_signed
from tests.notify.world import TEMPLATE, browser, crank, happen, publish, submit
from tickets.background.dispatch import dispatch
from tickets.models import Event, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def machine() -> Iterator[Machine]:
    with Machine() as found:
        yield found


@pytest.fixture
def ours(template, people) -> Ticket:
    return submit(people["alice"])


@pytest.fixture
def names(monkeypatch) -> dict[str, list[str]]:
    """What names stand for; a list of answers, of which each question takes one. Other names are as ever."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args, **options):
        if host not in known:
            return real(host, port, *args, **options)
        found = known[host].pop(0) if len(known[host]) > 1 else known[host][0]
        kinds = [(socket.AF_INET6 if ":" in one else socket.AF_INET, one) for one in found.split()]
        return [(family, socket.SOCK_STREAM, 6, "", (one, port)) for family, one in kinds]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


def requested(ticket: Ticket, url: str, **body: object) -> Delivery:
    """A webhook node was reached: the delivery that came of it."""
    event = happen(ticket, "webhook.requested", node="tell", name="Tell", round=1, url=url, body=body)
    dispatch()
    return Delivery.objects.get(event=event)


def tried(ticket: Ticket, url: str) -> Delivery:
    """The same, after one attempt."""
    delivery = requested(ticket, url)
    deliver(delivery.pk)
    return again(delivery)


def again(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(pk=delivery.pk)


def allow(settings, *entries: str) -> None:
    settings.WEBHOOK_HOSTS = list(entries)


def here(machine: Machine, settings, path: str = "/hook") -> str:
    """The machine's plain URL, allowed."""
    url = f"http://127.0.0.1:{machine.port}"
    allow(settings, url)
    return url + path


def test_a_machine_is_told_what_happened(ours, people, machine, settings):
    settings.WEBHOOK_SECRET = "webhook-secret"
    delivery = requested(ours, here(machine, settings, "/hook?token=s3cret"), service="nginx", count=3)
    assert (delivery.recipient, delivery.kind, delivery.state) == (None, "webhook", "queued")
    sweep()
    (told,) = machine.told
    assert told.path == "/hook?token=s3cret"
    event = delivery.event
    assert json.loads(told.body) == {
        "id": f"{ours.number}-{event.seq}",
        "at": event.at.isoformat(),
        "number": ours.number,
        "title": "Three days off",
        "template": "leave",
        "applicant": "alice",
        "node": "tell",
        "round": 1,
        "url": f"{settings.BATON_URL}/tickets/{ours.number}",
        "body": {"service": "nginx", "count": 3},
    }
    assert told.headers["Idempotency-Key"] == f"{ours.number}-{event.seq}"
    assert told.headers["Host"] == f"127.0.0.1:{machine.port}"
    expected = hmac.new(b"webhook-secret", told.body, hashlib.sha256).hexdigest()
    assert told.headers["X-Baton-Signature"] == f"sha256={expected}"
    row = again(delivery)
    assert (row.state, row.receipt, row.attempts) == ("sent", "200", 1)


def test_without_a_secret_it_is_unsigned(ours, machine, settings):
    assert tried(ours, here(machine, settings)).state == "sent"
    assert "X-Baton-Signature" not in machine.told[0].headers


def test_F19_hearing_twice_writes_once(ours, machine, settings):
    delivery = requested(ours, here(machine, settings))
    on_events([delivery.event])
    assert Delivery.objects.filter(kind="webhook").count() == 1


def test_I19_500_then_200_is_the_same_message_twice(ours, machine, settings):
    machine.script = [500, 200]
    delivery = requested(ours, here(machine, settings))
    sweep()
    assert (again(delivery).state, again(delivery).last_error) == ("failed", "answered 500")
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
    sweep()
    assert again(delivery).state == "sent"
    first, second = machine.told
    assert (first.body, first.headers) == (second.body, second.headers)


@pytest.mark.parametrize(("status", "state"), [(400, "dead"), (404, "dead"), (410, "dead"), (429, "failed")])
def test_a_refusal_is_final_unless_it_says_later(ours, machine, settings, status: int, state: str):
    machine.script = [status]
    row = tried(ours, here(machine, settings))
    assert (row.state, row.last_error) == (state, f"answered {status}")


def test_a_machine_that_cannot_be_told_is_said_on_the_ticket_and_to_administrators(ours, people):
    row = tried(ours, "https://example.com/hook")
    assert row.state == "dead"
    told = Event.objects.get(ticket=ours, kind="webhook.failed").data
    assert told == {
        "node": "tell", "name": "Tell", "round": 1, "url": "https://example.com/hook", "reason": row.last_error,
    }  # fmt: skip
    dispatch()
    recipients = Delivery.objects.filter(event__kind="webhook.failed").values_list("recipient__username", flat=True)
    assert set(recipients) == {"admin"}


def test_A40_a_redirect_is_not_followed(ours, machine, settings):
    with Machine() as inner:
        url = here(machine, settings)
        machine.script = [lambda handler: answer(handler, 307, Location=f"http://127.0.0.1:{inner.port}/")]
        row = tried(ours, url)
        assert (row.state, row.last_error) == ("dead", "answered 307: redirects are not followed")
        assert (len(machine.told), inner.told) == (1, [])


def test_A40_an_endless_body_holds_nobody(ours, machine, settings):
    def endless(handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    machine.script = [endless]
    began = time.monotonic()
    assert tried(ours, here(machine, settings)).state == "sent"
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("speaks", "state"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\n", "failed"),
        (b"H", "failed"),
        (b"HTTP/1.1 200 OK\r\nX-More: more\r\n", "sent"),  # it has said what counts
    ],
)
def test_A40_who_speaks_without_end_is_cut_off(ours, machine, settings, monkeypatch, *, speaks: bytes, state: str):
    monkeypatch.setattr(egress, "TOTAL_S", 0.6)

    def drip(handler) -> None:
        handler.wfile.write(speaks)
        while True:
            handler.wfile.write(speaks if speaks.endswith(b"\r\n\r\n") else b"T")
            time.sleep(0.05)

    machine.script = [drip]
    began = time.monotonic()
    assert tried(ours, here(machine, settings)).state == state
    assert time.monotonic() - began < 4


def test_F42_a_silent_host_puts_off_its_own_webhooks_only(ours, machine, settings, monkeypatch):
    monkeypatch.setattr(egress, "READ_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        allow(settings, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{machine.port}")
        stuck = [requested(ours, f"http://127.0.0.1:{port}/{n}") for n in range(5)]
        fine = requested(ours, f"http://127.0.0.1:{machine.port}/hook")
        sweep()
    assert again(fine).state == "sent"
    assert [again(row).attempts for row in stuck] == [1, 0, 0, 0, 0]
    assert again(stuck[0]).last_error == "webhook host: TimeoutError"


class TestEncrypted:
    @pytest.fixture
    def secure(self, tmp_path, settings, names, monkeypatch) -> Iterator[Machine]:
        """A machine with a certificate for NAME that we trust, inside the network, and allowed there."""
        certificate = self_signed(tmp_path, NAME)
        trusted = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr(egress, "tls", lambda: trusted)
        names[NAME] = ["127.0.0.1"]
        with Machine(certificate) as found:
            allow(settings, f"{NAME}:{found.port}=127.0.0.0/8")
            yield found

    def test_A40_the_name_is_checked_though_the_address_is_pinned(self, ours, secure):
        assert tried(ours, f"https://{NAME}:{secure.port}/hook").state == "sent"
        assert secure.sni == [NAME]
        assert secure.told[0].headers["Host"] == f"{NAME}:{secure.port}"

    def test_a_template_tells_a_machine_and_goes_on(self, people, secure):
        tell = f"{{node: tell, type: webhook, url: 'https://{NAME}:{secure.port}/hook', body: {{why: form.why, n: 3}}}}"
        head, chain = TEMPLATE.split("chain:\n")
        publish(text=f"{head}chain:\n  - {tell}\n{chain}")
        ticket = submit(people["alice"])
        assert ticket.state == "approving"
        crank()
        (told,) = secure.told
        document = json.loads(told.body)
        assert (document["number"], document["node"], document["body"]) == (
            ticket.number, "tell", {"why": "family", "n": 3},
        )  # fmt: skip

    def test_A40_a_certificate_of_another_name_is_not_taken(self, ours, secure, settings, names):
        names["other.example.com"] = ["127.0.0.1"]
        allow(settings, f"other.example.com:{secure.port}=127.0.0.0/8")
        row = tried(ours, f"https://other.example.com:{secure.port}/hook")
        assert (row.state, row.last_error) == ("failed", "webhook host: SSLCertVerificationError")
        assert secure.told == []

    def test_A40_a_name_is_asked_once_however_it_rebinds(self, ours, secure, names):
        names[NAME] = ["127.0.0.1", "127.0.0.2", "127.0.0.2"]
        assert tried(ours, f"https://{NAME}:{secure.port}/hook").state == "sent"
        assert names[NAME] == ["127.0.0.2", "127.0.0.2"]

    def test_A40_one_inner_address_among_public_ones_is_too_much(self, ours, secure, names, settings):
        names[NAME] = ["93.184.215.14 127.0.0.1"]
        allow(settings, f"{NAME}:{secure.port}")
        row = tried(ours, f"https://{NAME}:{secure.port}/hook")
        assert row.state == "dead"
        assert f"BATON_WEBHOOK_HOSTS must say in which network it may be ({NAME}:{secure.port}=" in row.last_error
        assert secure.told == []


def test_A40_nothing_is_called_before_somebody_allows_it(ours, machine, settings):
    row = tried(ours, f"http://127.0.0.1:{machine.port}/hook?token=s3cret")
    assert row.state == "dead"
    assert row.last_error == f"http://127.0.0.1:{machine.port} is not in BATON_WEBHOOK_HOSTS"
    assert machine.told == []


def test_A41_I24_administrators_see_whom_it_went_to_without_its_token(ours, people, machine, settings):
    requested(ours, here(machine, settings, "/hook?token=s3cret"))
    (row,) = browser(people["admin"]).get("/api/v1/deliveries?kind=webhook").json()["results"]
    assert (row["recipient"], row["address"]) == (None, f"http://127.0.0.1:{machine.port}/hook")
    for name in ("alice", "bob", "heidi"):
        assert browser(people[name]).get("/api/v1/deliveries?kind=webhook").json()["results"] == []
        path = f"/api/v1/deliveries/{row['id']}/retry"
        assert browser(people[name]).post(path, content_type="application/json").status_code == 404
