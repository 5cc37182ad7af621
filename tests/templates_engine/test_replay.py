"""Replay of past tickets under a new version."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation

from accounts.models import Role, User
from templates_engine.compare import replay
from templates_engine.errors import TemplateRefused
from templates_engine.store import queries
from templates_engine.store.commands import import_template
from tests.api.calls import Api
from tests.factories import LEAVE, NOW, approval, document, give_role, submit

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(autouse=True)
def _second_administrator(world) -> None:
    """Otherwise nobody at all could act on the only administrator's tickets, and every check would say so."""
    User.objects.create(username="root", name="Root", is_admin=True)


def _node(chain: list[dict], key: str) -> dict:
    """A node of a document, however deep."""
    inside = [part["chain"] for node in chain for part in (*node.get("cases", ()), *node.get("branches", ()))]
    here = [node for node in chain if node["node"] == key]
    return here[0] if here else next((found for part in inside if (found := _node(part, key))), {})


class TestReplay:
    """`template replay`."""

    @staticmethod
    def tickets() -> list[str]:
        return [submit("leave", {**LEAVE, "days": days}).number for days in (1, 5)]

    @staticmethod
    def leave(**changes) -> str:
        whole = dict(queries.version_of("leave", None).document)
        return json.dumps({**whole, **changes})

    def test_the_same_version_changes_nothing(self) -> None:
        self.tickets()
        done = replay.replay(replay.stored("leave", None), 200, None)
        assert (done.checked, done.changed) == (2, [])

    def test_a_new_node_changes_every_chain(self) -> None:
        one, five = self.tickets()
        chain = queries.version_of("leave", None).document["chain"]
        new = replay.candidate("leave", self.leave(chain=[*chain, approval("last", {"role": "dba"})]))
        done = replay.replay(new, 200, None)
        assert [found.number for found in done.changed] == [five, one]
        first = done.changed[1]
        assert [row["node"] for row in first.before] == ["leader", "tell"]
        assert first.after[-1] == {"node": "last", "name": "last", "assignees": ["dave"]}
        assert replay.replay(new, 1, None).checked == 1

    def test_only_the_way_that_is_taken_counts(self) -> None:
        _one, five = self.tickets()
        new = replay.candidate("leave", self.leave().replace("form.days > 3.0", "form.days > 30.0"))
        (found,) = replay.replay(new, 200, None).changed
        assert found.number == five
        assert [row["node"] for row in found.before] == ["leader", "head", "tell"]
        assert [row["node"] for row in found.after] == ["leader", "tell"]

    @pytest.mark.parametrize(("change", "message"), [
        ({"mode": "all"}, "Node head: mode: any one → all."),
        ({"due": "3d"}, "Node head: time limit: 2d → 3d."),
        ({"on_timeout": "veto"}, "Node head: when time is up: escalate → veto."),
        ({"on_edit": "inform"}, "Node head: after a change added: inform."),
        ({"dedup": "all"}, "Node head: people asked once: no → all."),
    ])  # fmt: skip
    def test_what_a_step_on_the_way_would_do_otherwise(self, change, message) -> None:
        """A changed mode asks the same people, and means something else."""
        self.tickets()
        whole = self.document()
        head = {"due": "2d", "on_timeout": "escalate", "dedup": "none", "mode": "any"}
        _node(whole["chain"], "head").update(head)
        import_template(text=json.dumps(whole), actor=None, at=NOW, publish_it=True)
        submit("leave", {**LEAVE, "days": 1})
        second = submit("leave", {**LEAVE, "days": 5}).number
        _node(whole["chain"], "head").update(change)
        done = replay.replay(replay.candidate("leave", json.dumps(whole)), 2, None)
        assert [found.number for found in done.changed] == [second]
        with translation.override("en"):
            assert [row["message"] for row in done.changed[0].render()["changes"]] == [message]

    def test_defaults_that_are_written_out_change_nothing(self) -> None:
        self.tickets()
        whole = self.document()
        _node(whole["chain"], "head").update({"mode": "any", "on_empty": "escalate", "on_timeout": "remind"})
        assert replay.replay(replay.candidate("leave", json.dumps(whole)), 200, None).changed == []

    def test_what_is_editable_at_a_step(self) -> None:
        _one, five = self.tickets()
        whole = self.document()
        whole["form"][0]["editable_at"] = ["head"]
        done = replay.replay(replay.candidate("leave", json.dumps(whole)), 200, None)
        assert [found.number for found in done.changed] == [five]
        assert done.changed[0].changes[0].path.endswith(".editable_at")

    @staticmethod
    def document() -> dict:
        return json.loads(json.dumps(queries.version_of("leave", None).document))

    def test_values_that_no_longer_fit_are_said(self) -> None:
        one, _five = self.tickets()
        form = [*queries.version_of("leave", None).document["form"],
                {"key": "cost", "type": "money", "label": "C", "required": True}]  # fmt: skip
        done = replay.replay(replay.candidate("leave", self.leave(form=form)), 200, None)
        found = next(found for found in done.changed if found.number == one)
        assert [(f.code, f.path) for f in found.errors] == [("required", "form.cost")]
        assert [row["node"] for row in found.after] == ["leader", "tell"]

    def test_another_templates_document_is_refused(self) -> None:
        with pytest.raises(TemplateRefused) as refused:
            replay.candidate("leave", document([approval("a", {"manager": 1})]))
        assert refused.value.errors[0]["path"] == "key"

    def test_the_command(self, capsys, tmp_path) -> None:
        one, _five = self.tickets()
        call_command("template", "replay", "leave", "--version", "1")
        assert capsys.readouterr().out == "0 / 2\n"
        chain = queries.version_of("leave", None).document["chain"]
        file = tmp_path / "leave.yaml"
        file.write_text(self.leave(chain=[*chain, approval("last", {"role": "dba"})]))
        call_command("template", "replay", "leave", "--last", "5", "--file", str(file))
        out = capsys.readouterr().out
        assert one in out
        assert "last (dave)" in out
        assert out.endswith("2 / 2\n")
        with pytest.raises(CommandError):
            call_command("template", "replay", "none")

    def test_the_api(self) -> None:
        one, _five = self.tickets()
        chain = queries.version_of("leave", None).document["chain"]
        text = self.leave(chain=[*chain, approval("last", {"role": "dba"})])
        admin = Api("admin").client
        sent: dict[str, Any] = {"data": text, "content_type": "application/yaml"}
        answer = admin.post("/api/v1/templates/leave/replay?last=50", **sent).json()
        assert answer["checked"] == 2
        assert {row["number"] for row in answer["changed"]} >= {one}
        assert Api("admin").post("templates/leave/replay?version=1").json() == {"checked": 2, "changed": []}
        assert Api("admin").post("templates/leave/replay?version=9").status_code == 404
        refused = admin.post("/api/v1/templates/leave/replay", data="a: [", content_type="application/yaml")
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["suggestion"]

    def test_I23_a_publisher_learns_only_of_tickets_that_are_his_to_see(self) -> None:
        self.tickets()
        text = self.leave(chain=[approval("only", {"role": "dba"})])
        sent: dict[str, Any] = {"data": text, "content_type": "application/yaml"}
        assert Api("heidi").client.post("/api/v1/templates/leave/replay", **sent).status_code == 403
        give_role("author", "heidi")
        Role.objects.filter(key="author").update(permissions=["templates.publish"])
        answer = Api("heidi").client.post("/api/v1/templates/leave/replay", **sent)
        assert answer.json() == {"checked": 0, "changed": []}
