"""子工单: planned and signed with the parent (I09, A06, A32)."""

import pytest
from django.db import connection

from tests.factories import (
    HOST,
    HOSTS,
    NOW,
    act,
    begin,
    breaks,
    finish,
    fresh,
    last_event,
    one,
    opened,
    restart,
    submit,
    template,
    waiting,
)
from tests.statements import counted
from tests.tickets.family import ITEMS, NOTE, child_template, children, parent, sub
from tickets.commands.children import wake_all
from tickets.commands.execution import ExecutionRefused
from tickets.errors import Invalid
from tickets.models import Ticket
from tickets.trail.digests import content_digest

sound = pytest.mark.usefixtures("sound")
pytestmark = pytest.mark.usefixtures("world")


@sound
class TestPlanned:
    def test_one_for_each_with_its_own_values(self) -> None:
        ticket = parent(("x", "z"))
        made = children(ticket)
        assert [(c.title, c.content.form, c.state, c.applicant.username) for c in made] == [
            ("do x", {"what": "x"}, "approving", "alice"), ("do z", {"what": "z"}, "approving", "alice"),
        ]  # fmt: skip
        assert [waiting(c) for c in made] == [["dave"], ["dave"]]
        assert opened(ticket) == ["sub"]
        told = last_event(ticket, "subticket.opened")["children"]
        assert told == [{"number": c.number, "template": "child", "title": c.title} for c in made]

    def test_without_for_each_there_is_one(self) -> None:
        child_template()
        node = {"node": "sub", "type": "subticket", "template": "child", "form": {"what": "form.note"}}
        template([node], [NOTE])
        ticket = submit(form={"note": "hello"})
        assert [c.content.form for c in children(ticket)] == [{"what": "hello"}]

    def test_an_empty_list_goes_on_at_once(self) -> None:
        ticket = parent(())
        assert children(ticket) == []
        assert waiting(ticket) == ["erin"]

    def test_they_exist_only_when_the_node_opens(self) -> None:
        ticket = parent(before=[one("a", "bob")])
        assert children(ticket) == []
        planned = fresh(ticket).content.children["sub"]
        assert [child["form"]["what"] for child in planned] == ["x", "y"]
        act(ticket, "bob")
        assert [c.content.digest for c in children(ticket)] == [child["digest"] for child in planned]

    def test_I09_the_version_is_pinned_when_the_parent_is_handed_in(self) -> None:
        ticket = parent(before=[one("a", "bob")])
        pinned = fresh(ticket).content.children["sub"][0]["template_version"]
        child_template(one("x", "frank"), key="child")
        act(ticket, "bob")
        assert {c.template_version_id for c in children(ticket)} == {pinned}
        assert [waiting(c) for c in children(ticket)] == [["dave"], ["dave"]]
        later = submit(form={"items": ["x"]})
        act(later, "bob")
        assert waiting(children(later)[0]) == ["frank"]

    def test_each_more_costs_one_statement(self) -> None:
        """As Walk.save says of each: its row, its content and all that hangs on it."""
        cost = []
        for items in (["x"], ["x", "y", "z"]):
            ticket = parent(items, before=[one("a", "bob")])
            with counted() as found:
                act(ticket, "bob")
            cost.append(len(found))
        assert cost[1] - cost[0] == 2

    def test_A06_the_parents_digest_covers_the_children(self) -> None:
        ticket = parent(before=[one("a", "bob")])
        content = fresh(ticket).content
        planned = content.children
        planned["sub"][0]["form"]["what"] = "evil"
        assert content.digest != content_digest(
            template_version_id=ticket.template_version_id, form=content.form, facts=content.facts,
            plans=content.plans, children=planned,
        )  # fmt: skip

    def test_the_childs_errors_are_reported_at_the_child(self) -> None:
        child_template()
        template([sub()], [ITEMS])
        with pytest.raises(Invalid) as refused:
            submit(form={"items": ["x", "much too long"]})
        assert [error["path"] for error in refused.value.errors] == ["children.sub[1].form.what"]
        assert Ticket.objects.filter(template_version__template__key__in=["t", "child"]).count() == 0

    def test_the_childs_plan_is_refused_with_the_parent(self) -> None:
        template([one("x", "dave"), restart()], [HOSTS], key="child")
        node = {"node": "sub", "type": "subticket", "template": "child", "form": {"hosts": "form.hosts"}}
        template([one("a", "bob"), node], [HOSTS])
        with pytest.raises(Invalid) as refused:
            submit(form={"hosts": ["nowhere"]})
        assert refused.value.errors[0]["path"].startswith("children.sub[0].")

    def test_bounded_in_number(self) -> None:
        child_template()
        rows = {"key": "rows", "type": "table", "label": "R", "columns": [{"key": "c", "type": "text", "label": "C"}]}
        template([sub(for_each="form.rows", form={"what": "item.c"}, title="'t'")], [rows])
        many = [{"c": "x"}] * 101
        with pytest.raises(Invalid) as refused:
            submit(form={"rows": many})
        assert "children" in refused.value.errors[0]["path"] or "sub" in refused.value.errors[0]["path"]

    def test_bounded_over_several_nodes(self) -> None:
        child_template()
        rows = {"key": "rows", "type": "table", "label": "R", "columns": [{"key": "c", "type": "text", "label": "C"}]}
        node = {"for_each": "form.rows", "form": {"what": "item.c"}, "title": "'t'"}
        template([sub(f"s{i}", **node) for i in range(3)], [rows])
        with pytest.raises(Invalid) as refused:
            submit(form={"rows": [{"c": "x"}] * 70})
        assert [error["code"] for error in refused.value.errors] == ["too_many_children"]

    def test_a_retired_template_refuses_the_parent_and_not_those_under_way(self) -> None:
        from templates_engine.models import TemplateVersion

        ticket = parent(before=[one("a", "bob")])
        TemplateVersion.objects.filter(template__key="child").update(state="retired")
        with pytest.raises(Invalid) as refused:
            submit(form={"items": ["x"]})
        assert refused.value.errors[0]["path"] == "children.sub"
        act(ticket, "bob")
        assert len(children(ticket)) == 2

    def test_a_draft_plans_nothing(self) -> None:
        child_template()
        template([sub()], [ITEMS])
        ticket = submit(form={"items": ["x"]}, draft=True)
        assert (ticket.content.children, children(ticket)) == ({}, [])


class TestTampering:
    def test_A32_a_changed_child_plan_in_the_parent_is_seen(self) -> None:
        template([one("x", "dave"), restart()], [HOSTS], key="child")
        node = {"node": "sub", "type": "subticket", "template": "child", "form": {"hosts": "form.hosts"}}
        template([one("a", "bob"), node, restart("own")], [HOSTS])
        ticket = submit(form=HOST)
        act(ticket, "bob")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(
                "UPDATE tickets_contentversion"
                " SET children = jsonb_set(children, '{sub,0,form,hosts}', '[\"demo-02\"]')"
                " WHERE ticket_id = %s", [ticket.pk],
            )  # fmt: skip
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        assert "changed_content" in breaks(ticket)
        (child,) = children(ticket)
        act(child, "dave")
        begin(child)
        finish(child)
        wake_all(NOW)
        with pytest.raises(ExecutionRefused, match="changed_content"):
            begin(ticket, "own")
