"""Dry runs log in to hosts, so unsubmitted or recalled content never reaches an executor (I13, A31, A32)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from automation.actions.releasing import withdraw as withdraw_version
from automation.dry_runs.run import run
from automation.models.dry_run import DryRun
from tests.automation.foreseeing import Fake, faked, foresee
from tests.automation.world import publish, submit
from tickets.background.dispatch import dispatch
from tickets.models import ContentVersion, Ticket
from tickets.trail.digests import content_digest, plan_digest

pytestmark = pytest.mark.django_db
People = dict[str, User]
REQUIRED, OFFERED = "dry_run: required", ""


@pytest.fixture
def fake() -> Iterator[Fake]:
    with faked() as executor:
        yield executor


@pytest.fixture
def ticket(people: People, hosts, fake: Fake, request) -> Ticket:
    """One that changes two hosts; by default its dry run is required."""
    publish("sql", getattr(request, "param", REQUIRED))
    return submit("sql", people, ["demo-01", "demo-02"], sql="SELECT 1")


def _owner(statement: str, *values: Any) -> None:
    """As the owner of the tables: no trigger fires."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")


def _forged(ticket: Ticket, *, renewed: bool) -> ContentVersion:
    """A content of this ticket that nobody handed in, whose plan asks for more; renewed: its digests fit it."""
    real = ticket.content
    plan = {**real.plans["run"], "params": {"database": "orders", "sql": "DROP TABLE orders"}}
    plan["digest"] = plan_digest(plan) if renewed else plan["digest"]
    forged = ContentVersion(
        ticket=ticket, number=99, form=real.form, facts=real.facts, plans={"run": plan}, children=real.children,
        created_by_id=real.created_by_id, created_at=real.created_at, digest=real.digest,
    )  # fmt: skip
    if renewed:
        forged.digest = content_digest(
            template_version_id=ticket.template_version_id, form=forged.form, facts=forged.facts, plans=forged.plans,
            children=forged.children,
        )  # fmt: skip
    forged.save(force_insert=True)
    return forged


@pytest.mark.parametrize("ticket", [OFFERED, REQUIRED], indirect=True)
@pytest.mark.parametrize("renewed", [True, False])
def test_A32_a_plan_that_nobody_handed_in_is_not_foreseen_either(ticket: Ticket, fake: Fake, renewed) -> None:
    dispatch()
    made = DryRun.objects.get(ticket=ticket, state="waiting")
    forged = _forged(ticket, renewed=renewed)
    DryRun.objects.filter(pk=made.pk).update(content=forged, plan_digest=forged.plans["run"]["digest"])
    run(made.pk)
    assert fake.orders == []
    made.refresh_from_db()
    assert made.state != "done"
    ticket.refresh_from_db()
    assert not any(seen["state"] == "done" for seen in ticket.foreseen.values())


def test_A32_a_plan_that_was_changed_in_its_row_is_not_foreseen(ticket: Ticket, fake: Fake) -> None:
    dispatch()
    made = DryRun.objects.get(ticket=ticket, state="waiting")
    _owner(
        "UPDATE tickets_contentversion"
        " SET plans = jsonb_set(plans, '{run,targets,0,address}', '\"root@198.51.100.7:22\"') WHERE id = %s",
        ticket.content_id,
    )
    run(made.pk)
    assert fake.orders == []
    made.refresh_from_db()
    assert (made.state, "changed_content" in made.message) == ("failed", True)


def test_A32_a_content_of_another_ticket_and_a_job_that_is_not_its_own_are_not_foreseen(
    ticket: Ticket, people: People, fake: Fake
) -> None:
    other = submit("sql", people, ["demo-03"], sql="SELECT 2")
    dispatch()
    made = DryRun.objects.get(ticket=ticket, state="waiting")
    DryRun.objects.filter(pk=made.pk).update(content=other.content, plan_digest=other.content.plans["run"]["digest"])
    run(made.pk)
    assert fake.orders == []


def test_a_recalled_version_is_not_run_dry_either(ticket: Ticket, people: People, fake: Fake) -> None:
    plan = ticket.content.plans["run"]
    withdraw_version(key=plan["action"], version=plan["version"], note="harmful", recall=True, actor=None)
    made = foresee(ticket)
    assert fake.orders == []
    assert (made.state, "harmful" in made.message) == ("failed", True)


def test_A31_a_dry_run_is_made_at_the_site_that_its_plan_names(ticket: Ticket, fake: Fake, settings) -> None:
    dispatch()
    made = DryRun.objects.get(ticket=ticket, state="waiting")
    DryRun.objects.filter(pk=made.pk).update(site="sz")
    settings.SITE = "sz"
    run(made.pk)
    assert fake.orders == []
