"""Canonical bytes and the HMAC chain, against answers computed by hand (I07)."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from common.chain import canonical
from tickets.models import Event, Ticket
from tickets.trail.digests import content_digest, digest, plan_digest
from tickets.trail.events import append, chain_hash

AT = datetime(2026, 11, 21, 2, 3, 4, 5, tzinfo=UTC)
KEY = "k" * 40


@pytest.fixture(autouse=True)
def audit_key(settings) -> None:
    settings.AUDIT_KEY = KEY


def event(**changed) -> Event:
    values = {"ticket_id": 7, "seq": 1, "at": AT, "kind": "ticket.created", "actor_id": 3, "data": {"b": 1, "a": "中"}}
    return Event(**(values | changed))


def test_canonical_is_sorted_compact_utf8() -> None:
    assert canonical({"b": [1, 2.5, None, True], "a": {"d": "é", "c": "中"}}) == (
        '{"a":{"c":"中","d":"é"},"b":[1,2.5,null,true]}'.encode()
    )


@pytest.mark.parametrize("previous", ["", "ab" * 32])
def test_I07_hash_is_hmac_of_previous_hash_and_canonical_event(previous) -> None:
    body = (
        '{"actor":3,"at":"2026-11-21T02:03:04.000005+00:00","data":{"a":"中","b":1},'
        '"kind":"ticket.created","on_behalf_of":null,"seq":1,"ticket":7}'
    )
    expected = hmac.new(KEY.encode(), (previous + body).encode(), hashlib.sha256).hexdigest()
    assert chain_hash(event(), previous) == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"ticket_id": 8}, {"seq": 2}, {"at": AT + timedelta(microseconds=1)}, {"kind": "ticket.rated"},
        {"actor_id": None}, {"on_behalf_of_id": 3}, {"data": {"b": 1, "a": "文"}}, {"data": {"b": 1}},
    ],
)  # fmt: skip
def test_I07_every_part_of_an_event_is_sealed(changed) -> None:
    assert chain_hash(event(**changed), "") != chain_hash(event(), "")


def test_I07_the_key_and_the_hash_before_matter(settings) -> None:
    first = chain_hash(event(), "")
    assert chain_hash(event(), "0" * 64) != first
    settings.AUDIT_KEY = "another-key-of-more-than-32-characters"
    assert chain_hash(event(), "") != first


def test_the_zone_of_a_moment_does_not_matter() -> None:
    shanghai = timezone(timedelta(hours=8))
    assert chain_hash(event(at=AT.astimezone(shanghai)), "") == chain_hash(event(), "")


def test_append_numbers_and_links() -> None:
    ticket = Ticket(pk=7)
    first = append(ticket, "ticket.created", at=AT, actor_id=3, data={"when": AT})
    second = append(ticket, "ticket.commented", at=AT)
    assert (first.seq, second.seq, ticket.event_seq) == (1, 2, 2)
    assert second.hash == ticket.event_hash == chain_hash(second, first.hash)
    assert json.loads(json.dumps(first.data)) == first.data


def test_digests_are_sha256_of_canonical_json() -> None:
    assert digest({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()
    plan = {"node": "run", "params": {"x": "y"}, "digest": "ignored"}
    assert plan_digest(plan) == hashlib.sha256(b'{"node":"run","params":{"x":"y"}}').hexdigest()


def test_I05_a_content_digest_covers_version_form_facts_plans_and_children() -> None:
    parts: dict[str, Any] = {
        "template_version_id": 1,
        "form": {"a": 1},
        "facts": {"ticket": {}},
        "plans": {},
        "children": {},
    }
    changes: list[dict[str, Any]] = [
        {"template_version_id": 2}, {"form": {"a": 2}}, {"facts": {}}, {"plans": {"run": {"digest": "x"}}},
        {"children": {"sub": [{"digest": "x"}]}},
    ]  # fmt: skip
    digests = {content_digest(**(parts | change)) for change in [{}, *changes]}
    assert len(digests) == 6
