"""Warnings about today's organisation."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Department, Role, User
from accounts.organisation.people import Organisation, expression_facts, facts, person, profile_facts
from accounts.organisation.snapshot import Snapshot
from templates_engine.findings.finding import WARNINGS
from templates_engine.store import commands
from tests.api.calls import Api
from tests.factories import approval, document, give_role, template, user
from tests.templates_engine.test_proofs import branch
from tests.within import within

pytestmark = pytest.mark.usefixtures("world")


def warned(chain, form=None, **parts) -> list[tuple[str, str, str]]:
    found = commands.check(document(chain, form, **parts))
    assert [finding.render() for finding in found.errors] == []
    return [
        (finding.code, finding.path, finding.details["people"]["en"])
        for finding in found.warnings
        if "people" in finding.details
    ]


EVERYBODY = ["admin", "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "root"]
ALL = f"all {len(EVERYBODY)} people: {', '.join(EVERYBODY)}"


@pytest.fixture(autouse=True)
def _second_administrator(world) -> None:
    """Otherwise nobody at all could act on the only administrator's tickets, and every check would say so."""
    User.objects.create(username="root", name="Root", is_admin=True)


@pytest.mark.parametrize(
    ("rule", "people"),
    [
        ({"manager": 1}, {"carol", "admin", "root"}),
        ({"role": "dba"}, set()),
        ({"applicant": True}, set()),
        ({"user": "erin"}, set()),
        ({"expression": "['bob']"}, set()),
        ({"expression": "applicant.department == 'platform' ? ['bob'] : ['nobody']"}, None),
        ({"role": "dba", "of": "applicant.department"}, None),
        ({"managers_up_to": 3}, {"carol", "admin", "root"}),
    ],
)
def test_rules_that_find_nobody_name_for_whom(rule, people) -> None:
    said = warned([approval("a", rule)])
    alone = {name for name in User.objects.values_list("username", flat=True) if not _asks(rule, name)}
    if people is not None:
        assert alone == people
    if not alone:
        assert said == []
        return
    ((code, path, words),) = said
    assert (code, path) == ("empty_rule", "chain[0].approvers[0]")
    assert set(words.partition(": ")[2].split(", ")) == alone
    assert words.startswith(f"{len(alone)} p")


def _asks(rule, name) -> bool:
    """Whether the rule finds somebody in the database's organisation."""
    from templates_engine.approvers import Circumstances, found
    from templates_engine.language.expressions import Expressions, Facts

    applicant = user(name)
    asked = Circumstances(person(applicant), Organisation(), Facts({}, facts(applicant), {}), Expressions([]))
    return bool(found([rule], asked))


def test_a_role_without_holders_is_empty_for_all() -> None:
    Role.objects.create(key="void")
    assert warned([approval("a", {"role": "void"})]) == [("empty_rule", "chain[0].approvers[0]", ALL)]


def test_I10_nobody_at_all() -> None:
    Role.objects.create(key="void")
    assert warned([approval("a", {"role": "void"}, on_empty="block")]) == [
        ("empty_rule", "chain[0].approvers[0]", ALL),
        ("nobody_acts", "chain[0].approvers", ALL),
    ]
    User.objects.filter(username="root").delete()
    said = warned([approval("a", {"applicant": True}, on_self="escalate")])
    assert said == [("nobody_acts", "chain[0].approvers", "1 person: admin")]


@pytest.mark.parametrize(
    "rule",
    [{"form_user": "who"}, {"chosen_by": "applicant"}, {"expression": "[form.who]"}, {"role": "dba", "of": "form.dep"}],
)
def test_what_depends_on_the_form_or_on_a_choice_is_not_judged(rule) -> None:
    form = [
        {"key": "who", "type": "user", "label": "W", "required": True},
        {"key": "dep", "type": "department", "label": "D", "required": True},
    ]
    assert warned([approval("a", rule), approval("b", rule, {"manager": 1})], form) == []


def test_confirm_and_cc_are_judged_too() -> None:
    Role.objects.create(key="void")
    chain = [
        approval("a", {"role": "dba"}),
        {"node": "b", "type": "confirm", "assignees": [{"role": "void"}]},
        {"node": "c", "type": "cc", "to": [{"role": "dba"}, {"role": "void"}]},
    ]
    assert [path for _code, path, _people in warned(chain)] == ["chain[1].assignees[0]", "chain[2].to[1]"]


def test_only_the_audience_counts() -> None:
    assert warned([approval("a", {"manager": 1})], visible_to=[{"department": "platform"}]) == []
    (found,) = warned([approval("a", {"manager": 1})], visible_to=[{"user": "carol"}, {"role": "dba"}])
    assert found[2] == "1 person: carol"


def test_a_case_for_some_applicants_is_judged_for_those_only() -> None:
    boss = ("applicant.username in ['carol', 'admin', 'root']", [approval("top", {"role": "dba"})])
    assert warned([branch("b", boss, [approval("a", {"manager": 1})])]) == []
    assert warned([branch("b", boss, ("size(applicant.roles) == 0", [approval("a", {"manager": 1})]), [])]) == []
    (found,) = warned([branch("b", ("applicant.username != 'carol'", []), [approval("a", {"manager": 1})])])
    assert found == ("empty_rule", "chain[0].cases[1].chain[0].approvers[0]", "1 person: carol")
    form = [{"key": "s", "type": "switch", "label": "S"}]
    (found,) = warned([branch("b", ("form.s", [approval("a", {"manager": 1})]), [])], form)
    assert found[2] == "3 people: admin, carol, root"


def test_people_who_left_are_neither_asked_nor_named() -> None:
    User.objects.filter(username="carol").update(is_active=False)
    ((_code, _path, words),) = warned([approval("a", {"manager": 1})])
    assert "carol" not in words
    assert "bob" in words  # his manager left


def test_twenty_are_named_and_the_rest_counted() -> None:
    User.objects.bulk_create(User(username=f"x{i:02}", name="X") for i in range(30))
    ((_code, _path, words),) = warned([approval("a", {"manager": 1})])
    assert words.startswith("33 people: admin, carol, root, x00")
    assert words.endswith("x16, …")


def test_an_otherwise_that_is_never_taken_is_a_warning() -> None:
    form = [{"key": "s", "type": "switch", "label": "S"}]
    chain = [branch("b", ("form.s", []), ("!form.s", []), []), approval("a", {"role": "dba"})]
    found = commands.check(document(chain, form))
    assert found.ok
    assert [(f.code, f.path) for f in found.warnings] == [("unreachable_otherwise", "chain[0].cases[2]")]


def test_warnings_refuse_nothing_and_errors_come_alone() -> None:
    Role.objects.create(key="void")
    found = commands.check(document([approval("a", {"role": "void"}), approval("b", {"role": "nope"})]))
    assert [finding.code for finding in found.errors] == ["unknown_role"]
    assert found.warnings == []
    assert template([approval("a", {"role": "void"})], key="warned").state == "published"


class TestTheSnapshot:
    """It answers what the database answers."""

    def test_the_same_answers_for_everybody(self) -> None:
        User.objects.filter(username="erin").update(is_active=False)
        User.objects.filter(username="carol").update(manager=user("alice"))  # a loop
        give_role("pair", "alice", "dave", "erin")
        snapshot, today = Snapshot(), Organisation()
        assert [p.username for p in snapshot.admins()] == [p.username for p in today.admins()]
        for role in ("pair", "dba", "none"):
            assert snapshot.role_holders(role) == today.role_holders(role)
            for department in (*Department.objects.values_list("key", flat=True), "none", ""):
                assert snapshot.in_department(role, department) == today.in_department(role, department)
        names = ["grace", "nobody", "erin", "alice"]
        assert snapshot.by_usernames(names) == today.by_usernames(names)
        for someone in User.objects.all():
            who = person(someone)
            assert snapshot.managers(who) == today.managers(who), who.username
            assert snapshot.department_heads(who) == today.department_heads(who)
            profile = profile_facts(someone)
            assert snapshot.facts(who) == expression_facts(profile)
            assert snapshot.department_line(who) == profile["departments"]

    def test_a_fixed_number_of_statements_and_no_long_wait_for_ten_thousand_people(self) -> None:
        text = document(
            [
                approval("a", {"manager": 1}),
                approval("b", {"managers_up_to": 5}),
                approval("c", {"department_head": 1}),
                approval("d", {"role": "dba", "of": "applicant.department"}),
                approval("e", {"expression": "applicant.department == 'dev' ? ['bob'] : ['erin']"}),
            ]
        )
        with CaptureQueriesContext(connection) as few:
            commands.check(text)
        department, bob = Department.objects.get(key="platform"), user("bob")
        User.objects.bulk_create(
            (User(username=f"p{i:05}", name="P", department=department, manager=bob) for i in range(10_000)), 2000
        )
        with within(10), CaptureQueriesContext(connection) as many:
            found = commands.check(text)
        assert len(many) == len(few) <= 6
        assert found.ok


class TestTheReport:
    """Findings, suggestions and the diagram, at both doors."""

    def test_the_command_says_what_to_do(self, capsys, tmp_path) -> None:
        file = tmp_path / "t.yaml"
        file.write_text(document([approval("a", {"role": "dbaa"})]))
        with pytest.raises(SystemExit):
            call_command("template", "check", str(file))
        out = capsys.readouterr().out
        assert "chain[0].approvers[0].role" in out
        assert "→ " in out
        assert "dba?" in out.replace(" ", "") or "dba？" in out
        file.write_text(document([approval("a", {"manager": 1})]))
        call_command("template", "check", str(file))
        out = capsys.readouterr().out
        assert "warning: chain[0].approvers[0]" in out
        assert "flowchart TD" in out
        call_command("template", "check", str(file), "--no-mermaid")
        assert "flowchart" not in capsys.readouterr().out

    def test_the_api_says_the_same(self) -> None:
        text = document([approval("a", {"manager": 1})])
        answer = Api("admin").client.post("/api/v1/templates/check", data=text, content_type="application/yaml").json()
        assert answer["ok"]
        assert answer["mermaid"].startswith("flowchart TD")
        (warning,) = answer["warnings"]
        assert warning["code"] in WARNINGS
        assert warning["suggestion"]
        url = "/api/v1/templates/import?publish=true"
        answer = Api("admin").client.post(url, data=text, content_type="application/yaml")
        assert (answer.status_code, [row["code"] for row in answer.json()["warnings"]]) == (201, ["empty_rule"])


FOLDER = Path(__file__).resolve().parent / "documents" / "warned"
WARNED = sorted(FOLDER.glob("*.yaml"))
HEADER = re.compile(r"^# warned: (\S+) at (.+)$", re.MULTILINE)


@pytest.mark.parametrize("path", WARNED, ids=lambda path: path.stem)
def test_the_documents_that_are_warned_of(path) -> None:
    User.objects.filter(username="root").delete()
    found = commands.check(path.read_bytes())
    assert found.errors == []
    assert [(finding.code, finding.path) for finding in found.warnings] == HEADER.findall(path.read_text("utf-8"))


def test_every_warning_has_a_document() -> None:
    elsewhere = {"action_not_for"}  # needs an action of one's own: tests/automation/test_releasing.py
    covered = {code for path in WARNED for code, _place in HEADER.findall(path.read_text("utf-8"))}
    assert covered == WARNINGS - elsewhere
