"""草稿: kept unfinished, handed in under the version of then, seen by its owner alone (I09, I23, A47)."""

import pytest

from templates_engine.errors import NoSuchTemplate
from tests.api.calls import Api
from tests.factories import LEAVE, NOW, approval, breaks, fresh, kinds, submit, template, user, waiting
from tickets.commands import submit as handing
from tickets.commands.withdraw import withdraw
from tickets.errors import Invalid, NotFound, WrongState
from tickets.models import ContentVersion, Ticket

pytestmark = pytest.mark.usefixtures("world")
FORM = [{"key": "t", "type": "text", "label": "T"}]
CHAIN = [approval("first", {"manager": 1}), approval("second", {"role": "dba"})]


def keep(ticket, by="alice", **given) -> Ticket:
    return handing.keep(number=ticket.number, actor=user(by), at=NOW, **given)


class TestDraft:
    def test_it_is_kept_unfinished_and_asks_nobody(self) -> None:
        ticket = submit("leave", {"kind": "sick"}, draft=True)
        assert (ticket.state, waiting(ticket), ticket.submitted_at) == ("draft", [], None)
        with pytest.raises(Invalid) as refused:
            handing.submit(number=ticket.number, actor=user("alice"), at=NOW)
        assert {"form.from", "form.days", "form.reason"} <= {error["path"] for error in refused.value.errors}
        assert fresh(ticket).state == "draft"
        handing.submit(number=ticket.number, actor=user("alice"), at=NOW, form=LEAVE)
        assert waiting(ticket) == ["bob"]
        assert breaks(ticket) == []

    def test_a_wrong_value_is_refused_even_in_a_draft(self) -> None:
        with pytest.raises(Invalid):
            submit("leave", {"kind": "unheard of"}, draft=True)

    def test_it_is_kept_again_as_often_as_one_likes(self) -> None:
        ticket = submit("leave", {"kind": "sick"}, draft=True)
        keep(ticket, form={"kind": "annual"}, title="Summer", priority="high")
        kept = fresh(ticket)
        assert (kept.state, kept.title, kept.priority, kept.version) == ("draft", "Summer", "high", ticket.version + 1)
        assert (kept.content.form["kind"], kept.content.facts["ticket"]) == (
            "annual", {"title": "Summer", "priority": "high"},
        )  # fmt: skip
        keep(ticket, title="")
        assert (fresh(ticket).title, fresh(ticket).content.form["kind"]) == (submit("leave", LEAVE).title, "annual")
        handing.submit(number=ticket.number, actor=user("alice"), at=NOW, form=LEAVE, title="Autumn", priority="low")
        handed_in = fresh(ticket)
        assert (handed_in.title, handed_in.priority, handed_in.state) == ("Autumn", "low", "approving")
        assert kinds(ticket)[:4] == ["ticket.created", "ticket.kept", "ticket.kept", "ticket.submitted"]
        assert breaks(ticket) == []

    def test_only_its_owner_keeps_it_and_only_while_it_is_a_draft(self) -> None:
        ticket = submit("leave", {"kind": "sick"}, draft=True)
        for who in ("bob", "admin"):
            with pytest.raises(NotFound):
                keep(ticket, by=who, title="Mine")
        with pytest.raises(Invalid):
            keep(ticket, form={"kind": "no such kind"}, title="Broken")
        assert fresh(ticket).title == ticket.title
        handing.submit(number=ticket.number, actor=user("alice"), at=NOW, form=LEAVE)
        with pytest.raises(WrongState):
            keep(ticket, title="Late")

    def test_only_its_owner_hands_it_in_once(self) -> None:
        ticket = submit("leave", LEAVE, draft=True)
        with pytest.raises(NotFound):
            handing.submit(number=ticket.number, actor=user("bob"), at=NOW)
        handing.submit(number=ticket.number, actor=user("alice"), at=NOW)
        with pytest.raises(WrongState):
            handing.submit(number=ticket.number, actor=user("alice"), at=NOW)

    def test_A47_kept_as_it_is_it_writes_nothing(self) -> None:
        ticket = submit("leave", {"kind": "sick"}, draft=True, title="Flu")
        keep(ticket, form={"kind": "sick"}, title="Flu", priority="normal")
        keep(ticket)
        assert kinds(ticket) == ["ticket.created"]
        assert (fresh(ticket).version, ContentVersion.objects.filter(ticket=ticket).count()) == (ticket.version, 1)

    def test_I09_it_is_handed_in_under_the_version_published_now(self) -> None:
        template(CHAIN, FORM)
        ticket = submit(form={"t": "old"}, draft=True)
        second = template([approval("other", {"role": "security"})], [{"key": "u", "type": "text", "label": "U"}])
        handing.submit(number=ticket.number, actor=user("alice"), at=NOW)
        assert fresh(ticket).template_version_id == second.pk
        assert (waiting(ticket), fresh(ticket).content.form) == (["frank"], {})
        assert breaks(ticket) == []

    def test_I09_kept_again_it_moves_on(self) -> None:
        template(CHAIN, FORM)
        ticket = submit(form={"t": "old"}, draft=True)
        second = template(CHAIN, [*FORM, {"key": "u", "type": "text", "label": "U"}])
        keep(ticket, form={"t": "old", "u": "new"})
        assert (fresh(ticket).template_version_id, fresh(ticket).content.form) == (second.pk, {"t": "old", "u": "new"})
        template(CHAIN, FORM)
        keep(ticket, priority="high")
        assert fresh(ticket).content.form == {"t": "old"}
        assert breaks(ticket) == []
        Ticket.objects.filter(pk=ticket.pk).update(template_version=second)
        assert breaks(ticket) == ["changed_content"]

    def test_I09_its_page_is_the_form_that_would_be_handed_in(self) -> None:
        choice = {"key": "c", "type": "select", "label": "C", "options": ["x", "y"]}
        chain = [approval("picked", {"chosen_by": "applicant"})]
        template(chain, [*FORM, choice])
        ticket = submit(form={"t": "old", "c": "y"}, chosen={"picked": ["dave"]}, draft=True)
        template(CHAIN, [{**choice, "options": ["x"]}, {"key": "u", "type": "text", "label": "U"}])
        page = Api("alice").get(f"tickets/{ticket.number}").json()
        assert (page["template"]["version"], page["form"], page["chosen"]) == (2, {}, {})
        assert [field["key"] for field in page["form_fields"]] == ["c", "u"]
        assert [step["node"] for step in page["upcoming"]] == ["first", "second"]
        template(chain, FORM, visible_to=[{"user": "dave"}])
        assert Api("alice").get(f"tickets/{ticket.number}").json()["template"]["version"] == 1

    @pytest.mark.parametrize("verb", [handing.keep, handing.submit])
    def test_I09_of_a_template_that_is_not_its_owners_any_more(self, verb) -> None:
        template(CHAIN, FORM)
        ticket = submit(form={"t": "old"}, draft=True)
        template(CHAIN, FORM, visible_to=[{"user": "dave"}])
        with pytest.raises(NoSuchTemplate):
            verb(number=ticket.number, actor=user("alice"), at=NOW)
        assert kinds(ticket) == ["ticket.created"]


def test_I23_a_draft_is_for_its_owner_alone() -> None:
    """Not for administrators either: it is no request before it is handed in, nor once it was discarded."""
    draft = submit("leave", LEAVE, draft=True, title="between us")
    alice, admin = Api("alice"), Api("admin")

    def seen(api: Api) -> set[bool]:
        found = {api.get(f"tickets/{draft.number}").status_code == 200}
        found.add(api.get(f"tickets/{draft.number}/events").status_code == 200)
        found |= {bool(api.get("tickets", box=box, q=draft.number).json()["results"]) for box in ("all",)}
        return found

    assert (seen(alice), seen(admin)) == ({True}, {False})
    for verb, body in (("comments", {"text": "x"}), ("watch", {"users": ["bob"]}), ("withdraw", {}), ("submit", {})):
        assert admin.post(f"tickets/{draft.number}/{verb}", body).status_code == 404
    alice.post(f"tickets/{draft.number}/watch", {"users": ["admin"]})
    assert seen(admin) == {True}
    other = submit("leave", LEAVE, draft=True)
    withdraw(number=other.number, actor=user("alice"), at=NOW)
    assert admin.get(f"tickets/{other.number}").status_code == 404
    handed_in = submit("leave", LEAVE)
    assert admin.get(f"tickets/{handed_in.number}").status_code == 200
