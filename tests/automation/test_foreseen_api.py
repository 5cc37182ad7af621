"""Both diffs of a dry run over HTTP: who reads what, without hidden fields, secrets and what stands on hosts."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone, translation

from accounts.models import User
from automation.models import Job
from notify.channels.wecom_card import _card_of
from notify.models import Card, Delivery
from notify.texts.mail_content import write
from notify.wecom import cards
from templates_engine.store.commands import import_template
from tests.automation.foreseeing import Fake, faked, foresee
from tests.automation.test_api import client, get
from tests.automation.world import HEAD, TEMPLATES, approve, publish, submit
from tickets.background.dispatch import dispatch
from tickets.commands import talk
from tickets.models import Event, Ticket
from tickets.queries.foreseen import sees_contents

pytestmark = pytest.mark.django_db(transaction=True)  # an error marks its transaction for rollback
OURS, THEIRS = "max_connections = 200", "the old line of a file that everybody on the host may read"
FILE = ("/etc/app.conf", f"--- before\n+++ after\n@@ -1 +1 @@\n-{THEIRS}\n+{OURS}\n")
NOT_YOURS = "Only the approvers and operators may see what would change here."
FORM = """  - {key: path, type: text, label: Path, required: true}
  - {key: text, type: textarea, label: Content, required: true}"""
TEMPLATES |= {"file": ("file.distribute", FORM, "path: form.path, content: form.text")}


@pytest.fixture
def fake() -> Iterator[Fake]:
    with faked() as executor:
        executor.places = [FILE]
        yield executor


@pytest.fixture
def browsers(people) -> dict[str, Client]:
    """alice applicant, bob approver, erin operator, heidi nobody, root administrator."""
    people["root"] = User.objects.create(username="root", name="Root", is_admin=True, language="en")
    return {name: client(user) for name, user in people.items()} | {"": Client()}


@pytest.fixture
def ticket(people, hosts, fake) -> Ticket:
    """alice writes a file at a place of her choice; a dry run has seen what stands there."""
    publish("file")
    made = submit("file", people, ["demo-01"], path="/etc/app.conf", text=OURS)
    foresee(made)
    return made


def plan_diff(browser: Client, ticket: Ticket):
    return get(browser, f"tickets/{ticket.number}/plans/run/diff")


def job_of(ticket: Ticket, people) -> Job:
    approve(ticket, people)
    dispatch()
    return Job.objects.get(ticket=ticket)


def statuses(browsers: dict[str, Client], path: str) -> dict[str, int]:
    return {name: get(browser, path).status_code for name, browser in browsers.items()}


def test_A41_the_diff_of_a_plan_is_for_whoever_sees_its_ticket(browsers, ticket: Ticket) -> None:
    path = f"tickets/{ticket.number}/plans/run/diff"
    expected = {"": 401, "heidi": 404, "erin": 404, "alice": 200, "bob": 200, "root": 200}
    assert statuses(browsers, path) == expected
    assert get(browsers["bob"], f"tickets/{ticket.number}/plans/leader/diff").status_code == 404
    body = plan_diff(browsers["bob"], ticket).json()
    assert (body["state"], body["summary"]["changed"]) == ("done", 1)
    assert body["digest"] == ticket.foreseen["run"]["digest"]
    [host] = body["hosts"]
    assert (host["name"], host["status"], host["items"]) == ("demo-01", "changed", [{"path": FILE[0], "diff": FILE[1]}])


def test_A41_the_diff_of_a_job_is_for_whoever_sees_its_ticket_and_for_operators(browsers, ticket, people) -> None:
    job = job_of(ticket, people)
    expected = {"": 401, "heidi": 404, "erin": 200, "alice": 200, "bob": 200, "root": 200}
    assert statuses(browsers, f"jobs/{job.pk}/diff") == expected
    assert THEIRS in get(browsers["erin"], f"jobs/{job.pk}/diff").content.decode()
    assert get(browsers["erin"], f"jobs/{job.pk + 1}/diff").status_code == 404


def test_I23_what_stands_at_a_place_of_his_choice_is_not_the_applicants_to_read(browsers, people, ticket) -> None:
    """Nor of those whom he lets see the ticket: anybody who may hand in a ticket could read any file like that."""
    talk.watch(number=ticket.number, actor=people["alice"], at=timezone.now(), users=["heidi"])
    seen = {name: plan_diff(browsers[name], ticket).content.decode() for name in ("alice", "heidi", "bob", "root")}
    assert {name: THEIRS in text for name, text in seen.items()} == {
        "alice": False, "heidi": False, "bob": True, "root": True
    }  # fmt: skip
    [host] = plan_diff(browsers["alice"], ticket).json()["hosts"]
    assert host["items"] == [{"path": FILE[0], "diff": NOT_YOURS}]
    assert plan_diff(browsers["alice"], ticket).json()["summary"]["changed"] == 1
    job = job_of(ticket, people)
    assert THEIRS not in get(browsers["alice"], f"jobs/{job.pk}/diff").content.decode()


def test_I23_nor_is_it_in_page_trail_card_mail_or_export(browsers, people, ticket: Ticket, settings) -> None:
    settings.WECOM_ENABLED = True
    bob = people["bob"]
    bob.wecom_userid, bob.email = "bob", "bob@example.com"
    bob.save()
    publish("file", "dry_run: required")
    other = submit("file", people, ["demo-01"], path="/etc/app.conf", text=OURS)
    foresee(other)
    dispatch()
    for number in (ticket.number, other.number):
        for part in ("", "/events", "/plans/run/machine"):
            for name in ("alice", "bob"):
                answer = get(browsers[name], f"tickets/{number}{part}")
                assert (answer.status_code, THEIRS in answer.content.decode()) == (200, False), (name, part)
    assert THEIRS not in str(list(Event.objects.values_list("data", flat=True)))
    card = Card.objects.filter(task__ticket=other).latest("pk")
    assert THEIRS not in str(cards.face(_card_of(card.delivery)).body)
    with translation.override("en"):
        letter = write(Delivery.objects.filter(kind="email", recipient=bob, event__ticket=other).latest("pk"))
    assert "1 file changed" in str(letter)
    assert THEIRS not in str(letter)
    for kind in ("csv", "xlsx"):
        answer = get(browsers["erin"], f"audit/runs/export?dry_runs=true&format={kind}")
        text = answer.getvalue().decode("utf-8", "replace")
        assert (answer.status_code, THEIRS in text) == (200, False)
    assert "file.distribute" in get(browsers["erin"], "audit/runs?dry_runs=true").content.decode()


def test_I23_an_operator_reads_it_also_of_what_he_asks_for_and_who_changed_it_does_not(
    browsers, people, ticket
) -> None:
    ticket.content.facts["editors"] = [people["bob"].pk]
    at = timezone.now()
    assert not sees_contents(people["bob"], ticket, at)
    ticket.content.facts.pop("editors")
    assert sees_contents(people["bob"], ticket, at)
    ticket.applicant = people["erin"]
    assert sees_contents(people["erin"], ticket, at)


def test_where_the_action_leaves_no_choice_of_file_everybody_reads_it(browsers, people, hosts, fake) -> None:
    publish("sql")
    made = submit("sql", people, ["demo-01"], sql="SELECT 1")
    foresee(made)
    assert THEIRS in plan_diff(browsers["alice"], made).content.decode()


def test_of_several_stages_the_most_careful_one_counts(browsers, people, hosts, fake) -> None:
    text = HEAD.split("  - {{node: run")[0].format(key="both", form=FORM)
    write_file = "{action: file.distribute, params: {path: form.path, content: form.text}}"
    restart = "{action: service.restart, params: {service: \"'nginx'\"}}"
    text += f"  - {{node: run, type: automation, name: 执行, targets: form.hosts, stages: [{restart}, {write_file}]}}\n"
    import_template(text=text, actor=None, at=timezone.now(), publish_it=True)
    made = submit("both", people, ["demo-01"], path="/etc/app.conf", text=OURS)
    foresee(made)
    assert THEIRS not in plan_diff(browsers["alice"], made).content.decode()
    assert THEIRS in plan_diff(browsers["bob"], made).content.decode()


def test_I24_secrets_are_masked_and_files_that_hold_them_are_not_shown(
    browsers, people, ticket, fake, settings
) -> None:
    settings.WECOM_SECRET = "verysecretword"
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n"
    fake.places = [("/etc/app.conf", "+token = verysecretword\n"), ("/etc/a.pem", "+x\n"), ("/root/k", f"+{key}")]
    made = submit("file", people, ["demo-01"], path="/etc/app.conf", text=OURS)
    foresee(made)
    items = {item["path"]: item["diff"] for item in plan_diff(browsers["bob"], made).json()["hosts"][0]["items"]}
    hidden = "Not shown: this may hold secrets."
    assert items == {"/etc/app.conf": "+token = ********\n", "/etc/a.pem": hidden, "/root/k": hidden}
    text = get(browsers["bob"], f"jobs/{job_of(made, people).pk}/diff").content.decode()
    assert "verysecretword" not in text
    assert "OPENSSH" not in text


def quiet(people, hidden: str) -> Ticket:
    """A ticket whose field of this name is hidden from those who only read along."""
    text = HEAD.format(key="quiet", action="database.run_change", params="database: '\"orders\"', sql: form.sql",
                       form="  - {key: sql, type: text, label: SQL, required: true}", more="")  # fmt: skip
    text = text.replace(f"key: {hidden},", f"key: {hidden}, hidden_at: [check],")
    text += "  - {node: check, type: confirm, name: 确认, assignees: [{user: erin}]}\n"
    import_template(text=text, actor=None, at=timezone.now(), publish_it=True)
    made = submit("quiet", people, ["demo-01"], sql="SELECT salary")
    talk.watch(number=made.number, actor=people["alice"], at=timezone.now(), users=["heidi"])
    foresee(made)
    return made


def test_I23_what_ran_with_a_hidden_field_shows_whether_a_host_changes_and_no_more(
    browsers, people, hosts, fake
) -> None:
    fake.places, fake.message = [("/var/spool/a.sql", "+SELECT salary\n")], "SELECT salary"
    made = quiet(people, "sql")
    body = plan_diff(browsers["heidi"], made).json()
    assert body["hosts"] == [
        {"name": "demo-01", "status": "changed", "changed": True, "message": "", "items": [], "unforeseen": []}
    ]
    assert body["message"] == "Not shown: the predicted changes may contain values that are hidden from you."
    assert "salary" in plan_diff(browsers["bob"], made).content.decode()
    job = job_of(made, people)
    for name in ("heidi", "erin"):
        assert "salary" not in get(browsers[name], f"jobs/{job.pk}/diff").content.decode(), name


def test_I23_where_it_runs_stays_hidden_with_the_field_that_says_so(browsers, people, hosts, fake) -> None:
    made = quiet(people, "hosts")
    body = plan_diff(browsers["heidi"], made).json()
    assert (body["hosts"], body["summary"], body["words"]) == ([], None, "")
    assert "demo-01" in plan_diff(browsers["bob"], made).content.decode()
    assert "demo-01" not in get(browsers["heidi"], f"jobs/{job_of(made, people).pk}/diff").content.decode()
