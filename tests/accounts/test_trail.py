"""The administration trail: who changed which proxy; nobody can give themselves a signature (I07, I11, A13)."""

from datetime import datetime
from importlib import import_module
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.commands import revoke_proxy
from accounts.commands.proxies import _record
from accounts.models import AdminEvent, Proxy
from accounts.trail.acts import SYSTEM, Kind, act_hash
from accounts.trail.proxies import acts_of, facts, is_sound
from accounts.trail.verify import breaks
from tests.api.calls import Api, codes
from tests.factories import HOUR, NOW, act, approval, move, pending, proxy, reassign, submit, template, user, waiting
from tickets.errors import Invalid, NotFound, NotYourTask
from tickets.models import ApprovalTask, Event
from tickets.queries.counts import counts

pytestmark = pytest.mark.usefixtures("world")
SOON, LATER = "2090-01-01T00:00:00+08:00", "2090-01-02T00:00:00+08:00"


def grant(who: str = "bob", **given):
    return Api(who).post("proxies", {"agent": "carol", "starts_at": SOON, "ends_at": LATER, **given})


def acts() -> QuerySet[AdminEvent]:
    """The acts about proxies and people; before them stand the templates that the demonstration publishes."""
    return AdminEvent.objects.exclude(about__startswith="template:").order_by("seq")


def told() -> list[tuple[str, str, str, str]]:
    return list(acts().values_list("kind", "actor__username", "channel", "address"))


def last() -> AdminEvent:
    return AdminEvent.objects.latest("seq")


def by_hand(statement: str, *values) -> None:
    """In SQL, with the triggers off, as the table's owner."""
    tables = ("accounts_adminevent", "accounts_proxy")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
def ticket():
    template([approval("a", {"manager": 1})])
    return submit()


def lend(principal: str, agent: str, by: str, starts: datetime = NOW - HOUR, ends: datetime = NOW + HOUR) -> Proxy:
    """A proxy as an older release let an administrator make it: row and trail agree, and are ours."""
    row = Proxy.objects.create(
        principal=user(principal), agent=user(agent), starts_at=starts, ends_at=ends, created_by=user(by)
    )
    _record(Kind.PROXY_GRANTED, row, None, actor=user(by), at=starts, origin=SYSTEM)
    return row


def point(row: Proxy, agent: str, by: str) -> None:
    """Its agent changed by somebody, as an older release let him."""
    before = facts(row)
    row.agent = user(agent)
    row.save()
    _record(Kind.PROXY_CHANGED, row, before, actor=user(by), at=NOW, origin=SYSTEM)


def test_I25_grant_change_and_end_are_acts_with_actor_channel_and_address() -> None:
    number = grant(reason="holiday").json()["id"]
    api = Api("admin", REMOTE_ADDR="10.1.2.3")
    assert api.send("PATCH", f"proxies/{number}", {"agent": "heidi"}).status_code == 200
    assert api.send("PATCH", f"proxies/{number}", {"agent": "heidi"}).status_code == 200  # changes nothing
    assert api.send("DELETE", f"proxies/{number}").status_code == 204
    assert told() == [
        ("proxy.granted", "bob", "web", "127.0.0.1"),
        ("proxy.changed", "admin", "web", "10.1.2.3"),
        ("proxy.ended", "admin", "web", "10.1.2.3"),
    ]
    granted, changed, ended = acts()
    assert {granted.about, changed.about, ended.about} == {f"proxy:{number}"}
    assert {granted.person, changed.person, ended.person} == {user("bob")}
    assert (granted.data["agent"], granted.data["reason"], granted.data["before"]) == ("carol", "holiday", {})
    assert (changed.data["agent"], changed.data["before"]) == ("heidi", {"agent": "carol"})
    assert ended.data["before"] == {"revoked_at": None}
    assert ended.data["revoked_at"]
    assert list(breaks()) == []


def test_I07_the_trail_refuses_change_and_a_proxy_is_never_erased() -> None:
    grant()
    for forbidden in (
        lambda: AdminEvent.objects.update(kind="x"),
        lambda: AdminEvent.objects.all().delete(),
        lambda: Proxy.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="never"), transaction.atomic():
            forbidden()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        assert {"admin_event_append_only", "proxy_never_erased"} <= {row[0] for row in cursor.fetchall()}


def test_A13_an_administrator_makes_nobody_a_proxy_of_his_own() -> None:
    answer = grant("admin", principal="bob", agent="admin")
    assert (answer.status_code, codes(answer)) == (422, {("agent", "not_by_oneself")})
    assert not Proxy.objects.exists()
    assert not acts().exists()


def test_A13_nor_by_pointing_anothers_proxy_at_himself() -> None:
    number = grant().json()["id"]
    answer = Api("admin").send("PATCH", f"proxies/{number}", {"agent": "admin"})
    assert (answer.status_code, codes(answer)) == (422, {("agent", "not_by_oneself")})
    assert len(told()) == 1


def test_A13_nor_by_stretching_one_that_he_holds() -> None:
    number = grant(agent="admin", templates=["leave"]).json()["id"]
    for wider in ({"templates": None}, {"ends_at": "2091-01-01T00:00:00Z"}, {"reason": "x"}):
        assert codes(Api("admin").send("PATCH", f"proxies/{number}", wider)) == {("agent", "not_by_oneself")}


def test_A13_nor_by_having_it_pointed_at_him_after_he_made_it() -> None:
    number = grant("admin", principal="bob").json()["id"]
    answer = Api("bob").send("PATCH", f"proxies/{number}", {"agent": "admin"})
    assert codes(answer) == {("agent", "not_by_oneself")}
    assert grant(agent="admin").status_code == 201  # bob himself, anew


def test_A13_one_that_its_agent_made_lets_him_neither_act_nor_see_nor_hear(ticket) -> None:
    lend("bob", "carol", by="carol")
    assert counts(user("carol"), NOW)["todo"] == 0
    assert Api("carol").get("me").json()["acting_for"] == []
    for who in ("bob", "carol"):
        (row,) = Api(who).get("proxies").json()["results"]
        assert row["barred"] is True
    with pytest.raises(NotFound):
        act(ticket, "carol", seat="bob")
    assert waiting(ticket) == ["bob"]
    assert (
        Api("bob")
        .post("proxies", {"agent": "dave", "starts_at": "2020-01-01T00:00:00Z", "ends_at": LATER})
        .json()["barred"]
        is False
    )
    assert [row["barred"] for row in Api("bob").get("proxies").json()["results"]] == [False, True]


def test_A13_pointed_at_himself_and_back_lets_the_other_act_and_never_him(ticket) -> None:
    row = proxy("bob", "carol", NOW - HOUR, NOW + HOUR)
    point(row, "erin", by="erin")
    with pytest.raises(NotFound):
        act(ticket, "erin", seat="bob")
    point(row, "carol", by="erin")
    with pytest.raises(NotFound):
        act(ticket, "erin", seat="bob")
    assert act(ticket, "carol", seat="bob").state == "completed"
    told = Event.objects.get(ticket=ticket, kind="task.approved").data["proxy"]
    assert (told["id"], told["made_by"], told["hash"]) == (row.pk, ["bob", "erin"], last().hash)


def test_A13_ended_and_made_again_by_him_is_still_his(ticket) -> None:
    row = lend("bob", "carol", by="carol")
    revoke_proxy(actor=user("admin"), proxy_id=row.pk, at=NOW)
    lend("bob", "carol", by="carol")
    with pytest.raises(NotFound):
        act(ticket, "carol", seat="bob")
    proxy("bob", "carol", NOW - HOUR, NOW + HOUR)  # by bob himself
    assert act(ticket, "carol", seat="bob").state == "completed"


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE accounts_proxy SET agent_id = (SELECT id FROM accounts_user WHERE username = 'heidi')",
        "UPDATE accounts_proxy SET templates = '{t,leave}'",
        "UPDATE accounts_proxy SET ends_at = ends_at + interval '1 hour'",
        "DELETE FROM accounts_adminoutbox; DELETE FROM accounts_adminevent",
        "UPDATE accounts_adminevent SET data = jsonb_set(data, '{reason}', '\"x\"')",
        "UPDATE accounts_adminevent SET person_id = NULL",
        "UPDATE accounts_adminevent SET actor_id = (SELECT id FROM accounts_user WHERE username = 'alice')",
        "UPDATE accounts_proxy SET revoked_at = NULL, reason = 'x'",
    ],
)
def test_A32_a_row_that_differs_from_its_trail_lets_nobody_act(ticket, tampering) -> None:
    row = proxy("bob", "heidi" if "heidi" not in tampering else "carol", NOW - HOUR, NOW + HOUR)
    assert is_sound(row, acts_of(row))
    by_hand(tampering)
    row.refresh_from_db()
    with pytest.raises((NotFound, NotYourTask)):
        act(ticket, "heidi", seat="bob")
    assert [found.what for found in breaks()]


def test_A32_an_inserted_row_lets_nobody_act(ticket) -> None:
    Proxy.objects.create(
        principal=user("bob"), agent=user("heidi"), starts_at=NOW - HOUR, ends_at=NOW + HOUR, created_by=user("bob")
    )
    with pytest.raises(NotYourTask):
        act(ticket, "heidi", seat="bob")
    assert [found.what for found in breaks()] == ["forged_proxy"]


def test_A32_an_act_without_the_key_is_none(ticket, settings) -> None:
    row = Proxy.objects.create(
        principal=user("bob"), agent=user("heidi"), starts_at=NOW - HOUR, ends_at=NOW + HOUR, created_by=user("bob")
    )
    data = facts(row) | {"before": {}}
    before = last()
    made = AdminEvent(
        seq=before.seq + 1, at=NOW, kind="proxy.granted", actor=user("bob"), channel="web", about=row.about, data=data
    )
    key, settings.AUDIT_KEY = settings.AUDIT_KEY, "somebody-elses-key-of-more-than-32-characters"
    made.hash = act_hash(made, before.hash)
    made.save(force_insert=True)
    settings.AUDIT_KEY = key
    with pytest.raises(NotYourTask):
        act(ticket, "heidi", seat="bob")
    assert [found.what for found in breaks()] == ["changed_event"]


def test_A32_whoever_removes_the_trace_of_what_he_signed_is_found_out(ticket) -> None:
    proxy("bob", "carol", NOW - HOUR, NOW + HOUR)
    act(ticket, "carol", seat="bob")
    out = StringIO()
    call_command("audit", "verify", stdout=out)
    assert out.getvalue().startswith("OK")
    by_hand("DELETE FROM accounts_adminoutbox; DELETE FROM accounts_proxy; DELETE FROM accounts_adminevent")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("audit", "verify", stdout=out)
    assert f"BROKEN {ticket.number}" in out.getvalue()
    assert "unknown_proxy" in out.getvalue()


@pytest.mark.parametrize(("cut", "what"), [(1, "missing_event"), (2, "missing_event"), (3, "lost_end")])
def test_A32_a_cut_trail_is_named(cut, what) -> None:
    number = grant().json()["id"]
    grant("dave")
    Api("bob").send("PATCH", f"proxies/{number}", {"reason": "x"})
    seq = acts()[cut - 1].seq
    by_hand("DELETE FROM accounts_adminoutbox; DELETE FROM accounts_adminevent WHERE seq = %s", seq)
    found = [broken.what for broken in breaks()]
    assert what in found if what != "lost_end" else found == ["changed_proxy"]


def test_A13_who_gives_a_seat_away_does_not_fill_it_as_a_proxy(ticket) -> None:
    proxy("frank", "admin", NOW - HOUR, NOW + HOUR)
    with pytest.raises(Invalid):
        reassign(ticket, "a", "frank")
    assert waiting(ticket) == ["bob"]


def test_A13_nor_where_he_becomes_the_proxy_afterwards(ticket) -> None:
    reassign(ticket, "a", "frank")
    proxy("frank", "admin", NOW - HOUR, NOW + HOUR)
    with pytest.raises(NotYourTask):
        act(ticket, "admin", seat="frank")
    assert act(ticket, "frank").state == "completed"


def test_A13_nor_a_proxy_who_hands_the_seat_to_another_principal_of_his(ticket) -> None:
    proxy("bob", "heidi", NOW - HOUR, NOW + HOUR)
    proxy("dave", "heidi", NOW - HOUR, NOW + 2 * HOUR)
    move(ticket, "heidi", "transfer", "dave", seat="bob")
    with pytest.raises(NotYourTask):
        act(ticket, "heidi", seat="dave")
    assert act(ticket, "dave").state == "completed"


def test_both_names_and_who_made_the_proxy_stay_with_the_decision(ticket) -> None:
    Api("admin").post(
        "proxies",
        {"principal": "bob", "agent": "carol", "starts_at": "2020-01-01T00:00:00Z", "ends_at": LATER},
    )
    task = pending(ticket).pk
    shown = Api("carol").post(f"tasks/{task}/approve").json()["tasks"][0]
    assert (shown["decided_by"], shown["on_behalf_of"]) == ("carol", "bob")
    events = Api("carol").get(f"tickets/{ticket.number}/events").json()["results"]
    (approved,) = [event for event in events if event["kind"] == "task.approved"]
    assert (approved["actor"], approved["on_behalf_of"]) == ("carol", "bob")
    assert approved["data"]["proxy"]["made_by"] == ["admin"]
    people = Api("carol").get(f"tickets/{ticket.number}/events").json()["people"]
    assert people["admin"]["name"] == user("admin").name
    assert ApprovalTask.objects.get(pk=task).on_behalf_of == user("bob")


def test_the_calendar_of_who_stands_in_for_whom() -> None:
    now = timezone.now()
    row = proxy("bob", "carol", now + HOUR, now + 3 * HOUR)
    proxy("bob", "dave", now + 10 * HOUR, now + 11 * HOUR)

    def agents(**window):
        found = Api("bob").get("proxies", **{key: value.isoformat() for key, value in window.items()})
        assert found.status_code == 200, found.content
        return sorted(one["agent"] for one in found.json()["results"])

    assert agents(**{"from": now, "to": now + 4 * HOUR}) == ["carol"]
    assert agents(**{"from": now + 3 * HOUR}) == ["dave"]
    assert agents(to=now + HOUR) == []
    Api("bob").send("DELETE", f"proxies/{row.pk}")
    assert agents(**{"from": now + 2 * HOUR}) == ["dave"]
    assert Api("bob").get("proxies", **{"from": "2026-11-01", "to": "soon"}).status_code == 422


def test_F39_a_proxy_granted_under_an_old_key_still_holds(ticket, settings) -> None:
    proxy("bob", "carol", NOW - HOUR, NOW + HOUR)
    settings.AUDIT_KEYS = {"2027": "a-new-key-of-more-than-32-characters-indeed"}
    proxy("dave", "carol", NOW - HOUR, NOW + HOUR)
    assert last().hash.startswith("2027:")
    assert act(ticket, "carol", seat="bob").state == "completed"
    assert list(breaks()) == []


def test_I11_a_proxy_of_an_earlier_release_that_its_agent_made_is_over_when_the_trail_begins() -> None:
    """It never acts again, so its principal must not believe that somebody stands in for him."""
    window = {"starts_at": timezone.now() - HOUR, "ends_at": timezone.now() + HOUR}
    bob, carol, dave = user("bob"), user("carol"), user("dave")
    own = Proxy.objects.create(principal=bob, agent=carol, created_by=bob, **window)
    others = Proxy.objects.create(principal=bob, agent=dave, created_by=carol, **window)
    agents = Proxy.objects.create(principal=dave, agent=carol, created_by=carol, **window)
    by_hand("DELETE FROM accounts_adminoutbox; DELETE FROM accounts_adminevent")  # an earlier release had no trail
    import_module("accounts.migrations.0003_trail").begin_trail(apps, None)
    for one in (own, others, agents):
        one.refresh_from_db()
    assert (own.revoked_at, others.revoked_at) == (None, None)
    assert agents.revoked_at is not None
    assert [is_sound(one, acts_of(one)) for one in (own, others, agents)] == [True, True, False]
    assert not list(breaks())
