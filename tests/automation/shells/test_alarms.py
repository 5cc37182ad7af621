"""A typed line raises an alarm and opens one ticket; a flood of lines does not open many (A32, A47, I03, I16, F37)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AdminEvent
from automation.commands.claim import claim
from automation.models import HostGroup, Job, ShellAlarm, ShellWord
from automation.shells.alarms import ticket_opening
from automation.shells.alarms.matching import search_all_hosts, search_lines
from automation.shells.purge import purge_lines
from templates_engine.models import TemplateVersion
from tests.api.calls import Api
from tests.automation.shells.props import FORM, TEMPLATE, crank, enrolled, publish, rule, typed
from tests.automation.world import approve
from tests.automation.world import publish as publish_change
from tests.factories import breaks
from tests.hostile import HOSTILE
from tickets.background.dispatch import dispatch
from tickets.models import ApprovalTask, Event, Ticket

pytestmark = pytest.mark.django_db
OPENS: dict[str, Any] = {"template": "incident", "applicant": "alice", "form": FORM}


def told() -> list[dict]:
    return [act.data for act in AdminEvent.objects.filter(kind="shell.alarm").order_by("seq")]


def test_words_are_plain_text_whatever_their_case_and_blanks(admin) -> None:
    rule(admin, "RM  -rf /*")
    rule(admin, "a.c")
    host = enrolled()
    typed(host, "rm -rf /tmp", "sudo rm \t -RF /*", "abc", "echo A.C", session="x")
    found = crank()
    assert [(alarm.pattern, alarm.command, alarm.hits) for alarm in found] == [
        ("RM  -rf /*", "sudo rm \t -RF /*", 1), ("a.c", "echo A.C", 1),
    ]  # fmt: skip


def test_a_rule_looks_at_the_hosts_of_its_group_and_at_lines_that_come_after_it(admin) -> None:
    HostGroup.objects.create(name="web")
    web, db = enrolled("web-01", "web"), enrolled("db-01")
    typed(web, "useradd before")
    search_all_hosts(timezone.now())
    rule(admin, "useradd", group="web")
    rule(admin, "useradd", is_active=False)
    typed(web, "useradd mallory")
    typed(db, "useradd mallory")
    assert [(alarm.shell_host.name, alarm.command) for alarm in crank()] == [("web-01", "useradd mallory")]


def test_one_alarm_for_each_rule_host_and_log_in_the_rest_is_counted(admin, template) -> None:
    word = rule(admin, **OPENS)
    web, db = enrolled("web-01"), enrolled("db-01")
    typed(web, "rm -rf /a", "rm -rf /b", session="one")
    crank()
    typed(web, "rm -rf /c", session="one")
    typed(web, "rm -rf /d", session="two")
    typed(db, "rm -rf /e", session="one")
    found = crank()
    assert [(a.shell_host.name, a.session, a.command, a.hits) for a in found] == [
        ("web-01", "one", "rm -rf /a", 3), ("web-01", "two", "rm -rf /d", 1), ("db-01", "one", "rm -rf /e", 1),
    ]  # fmt: skip
    assert Ticket.objects.count() == 3
    rows = Api("erin").get("shell/alarms", host="web-01", word=word.pk).json()["results"]
    assert [row["hits"] for row in rows] == [1, 3]


def test_F19_lines_are_looked_at_once_however_often_somebody_looks(admin, monkeypatch) -> None:
    rule(admin)
    monkeypatch.setattr("automation.shells.alarms.matching.MOST_LINES", 2)
    host = enrolled()
    typed(host, *("rm -rf /",) * 5)
    search_all_hosts(timezone.now())
    search_all_hosts(timezone.now())
    assert not search_lines(host.pk, timezone.now())
    assert ShellAlarm.objects.get().hits == 5


def test_the_ticket_holds_what_the_rule_says_and_its_trail_says_who_opened_it(admin, template, people) -> None:
    word = rule(admin, tell=[{"role": "sre"}], **OPENS)
    at = timezone.now().replace(microsecond=0)
    typed(enrolled(), "rm -rf /srv/" + "x" * 60, at=at)
    (alarm,) = crank()
    ticket = alarm.ticket
    assert (ticket.applicant, ticket.title, ticket.state) == (people["alice"], "Alarm: rm -rf / on web-01", "approving")
    form = ticket.content.form
    assert form["line"] == ("rm -rf /srv/" + "x" * 60)[:39] + "…"
    assert (form["where"], form["kind"]) == (["web-01"], "high")
    assert form["when"] == timezone.localtime(at).isoformat()
    for said in ("Words: rm -rf /", "Host: web-01", "Log-in user: root", "From address: 10.0.0.7"):
        assert said in form["what"]
    made = Event.objects.filter(ticket=ticket).order_by("seq")[:2]
    assert [(event.kind, event.actor) for event in made] == [
        ("ticket.created", people["alice"]), ("ticket.submitted", None),
    ]  # fmt: skip
    assert made[0].data["by_rule"] == f"shell_word:{word.pk}"
    assert breaks(ticket) == []
    assert ApprovalTask.objects.get(ticket=ticket).assignee == people["bob"]
    (data,) = told()
    assert (data["ticket"], data["applicant"], data["told"]) == (ticket.number, "alice", ["alice", "erin"])
    assert "srv" not in str(data), "I24: what was typed may hold a secret, and the trail is for ever"


def test_I13_what_its_ticket_lets_run_is_approved_and_judged_like_any_other(admin, people, hosts) -> None:
    publish_change("look")
    form = {"hosts": {"from": "host"}}
    rule(admin, template="look", applicant="alice", form=form)
    typed(enrolled("demo-01"), "rm -rf /")
    (alarm,) = crank()
    assert alarm.ticket is not None, alarm.detail
    approve(alarm.ticket, people)
    dispatch()
    job = Job.objects.get(ticket=alarm.ticket)
    assert claim(job.pk) is not None, "the executor finds chain, digest and applicant whole"
    assert breaks(alarm.ticket) == []


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_I16_hostile_text_reaches_the_ticket_as_text_and_does_not_keep_it_from_being_opened(
    admin, template, name
) -> None:
    rule(admin, "rm -rf", **OPENS)
    typed(enrolled(), f"rm -rf {HOSTILE[name]}"[:4096], source=HOSTILE[name][:64])
    (alarm,) = crank()
    assert alarm.problem == "", alarm.detail
    assert alarm.ticket.content.form["line"].startswith("rm -rf")


def test_an_applicant_who_left_opens_nothing_and_administrators_hear_of_it(admin, template, people) -> None:
    rule(admin, tell=[{"user": "heidi"}], **OPENS)
    people["alice"].is_active = False
    people["alice"].save()
    typed(enrolled(), "rm -rf /")
    (alarm,) = crank()
    assert (alarm.problem, alarm.ticket) == ("applicant_gone", None)
    assert told()[0]["told"] == ["admin", "heidi"]
    assert not Ticket.objects.exists()


def test_a_template_that_was_retired_is_said_on_the_alarm_and_to_administrators(admin, template) -> None:
    rule(admin, **OPENS)
    TemplateVersion.objects.update(state="retired")
    typed(enrolled(), "rm -rf /")
    (alarm,) = crank()
    assert (alarm.ticket, alarm.problem) == (None, "no_such_template")
    assert told()[0]["told"] == ["admin"]
    row = Api("erin").get("shell/alarms").json()["results"][0]
    assert (row["problem"], row["ticket"], row["settled"]) == ("no_such_template", None, True)
    assert row["detail"]


def test_a_form_that_asks_for_more_since_is_said_with_its_field(admin, template) -> None:
    rule(admin, **OPENS)
    more = "  - {key: cost, type: number, label: {zh: 损失, en: Cost}, required: true}\nchain:"
    publish(TEMPLATE.replace("chain:", more))
    typed(enrolled(), "rm -rf /")
    (alarm,) = crank()
    assert (alarm.ticket, alarm.problem) == (None, "invalid")
    assert alarm.detail.startswith("form.cost: ")
    assert told()[0]["detail"] == alarm.detail


def test_A32_a_rule_that_the_database_was_given_opens_nothing(admin, template, people) -> None:
    rule(admin, tell=[{"user": "heidi"}], **OPENS)
    ShellWord.objects.update(applicant=people["erin"], pattern="ls")
    typed(enrolled(), "ls")
    (alarm,) = crank()
    assert (alarm.problem, alarm.ticket) == ("rule_forged", None)
    assert told()[0]["told"] == ["admin"]


def test_A47_a_flood_is_capped_for_the_host_first_and_told_once(admin, template) -> None:
    rule(admin, **OPENS)
    web, db = enrolled("web-01"), enrolled("db-01")
    for number in range(40):
        typed(web, "rm -rf /", session=f"s{number}")
    crank()
    assert Ticket.objects.count() == ticket_opening.PER_HOST
    typed(db, "rm -rf /", session="other")
    found = crank()
    assert found[-1].ticket is not None, "one host does not use up what another may need"
    capped = [alarm for alarm in found if alarm.problem == "capped"]
    assert (len(found), len(capped)) == (41, 40 - ticket_opening.PER_HOST)
    assert [data["problem"] for data in told()].count("capped") == 1
    assert "admin" in next(data["told"] for data in told() if data["problem"] == "capped")


def test_A47_many_hosts_are_capped_too_and_an_hour_later_it_goes_on(admin, template, monkeypatch) -> None:
    rule(admin, **OPENS)
    for number in range(ticket_opening.PER_RULE + 3):
        typed(enrolled(f"web-{number:02}"), "rm -rf /")
    crank()
    assert Ticket.objects.count() == ticket_opening.PER_RULE
    ShellAlarm.objects.update(settled_at=timezone.now() - timedelta(minutes=61))
    typed(enrolled("late"), "rm -rf /")
    assert crank()[-1].ticket is not None


def test_F37_what_fails_for_a_reason_of_ours_is_tried_again_and_then_told(admin, template, monkeypatch) -> None:
    def broken(**_given) -> None:
        raise RuntimeError

    rule(admin, **OPENS)
    monkeypatch.setattr(ticket_opening, "create", broken)
    typed(enrolled(), "rm -rf /")
    typed(enrolled("db-01"), "ls")
    search_all_hosts(timezone.now())
    assert [ticket_opening.settle_waiting() for _try in range(ticket_opening.TRIES + 1)] == [0, 0, 1, 0]
    alarm = ShellAlarm.objects.get()
    assert (alarm.problem, alarm.ticket) == ("broken", None)
    assert told()[0]["told"] == ["admin"]


def test_a_rule_that_tells_nobody_any_more_tells_administrators(admin, people) -> None:
    rule(admin, tell=[{"user": "heidi"}])
    people["heidi"].is_active = False
    people["heidi"].save()
    typed(enrolled(), "rm -rf /")
    (alarm,) = crank()
    assert (alarm.problem, told()[0]["told"]) == ("nobody_told", ["admin"])


def test_an_alarm_outlives_its_rule_and_goes_with_its_lines(admin, settings) -> None:
    word = rule(admin)
    host = enrolled()
    typed(host, "rm -rf /", at=timezone.now() - timedelta(days=40))
    crank()
    word.delete()
    line = Api("erin").get("shell/lines").json()["results"][0]
    assert line["alarm"]["pattern"] == "rm -rf /"
    assert Api("erin").get("shell/alarms").json()["results"][0]["word"] is None
    settings.SHELL_DAYS = 30
    purge_lines(timezone.now())
    assert not ShellAlarm.objects.exists()


def test_an_alarm_whose_rule_was_removed_before_it_was_told_says_so(admin) -> None:
    word = rule(admin, tell=[{"user": "heidi"}])
    typed(enrolled(), "rm -rf /")
    search_all_hosts(timezone.now())
    word.delete()
    (alarm,) = crank()
    assert (alarm.problem, alarm.settled_at is None, told()) == ("rule_removed", False, [])
