"""Publishing later, taking off offer, going back to an older version; each is in the administration trail."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import AdminEvent, Role
from templates_engine.models import Publication, TemplateVersion
from templates_engine.store.commands import import_template, publish
from templates_engine.store.scheduling import publish_due
from tests.api.calls import Api
from tests.factories import NOW, approval, document, give_role, person, submit, template

pytestmark = pytest.mark.usefixtures("world")
CHAIN = [approval("a", {"manager": 1})]


@pytest.fixture
def admin() -> Api:
    return Api("admin")


@pytest.fixture
def tomorrow():
    return timezone.now() + timedelta(days=1)


def two_versions() -> None:
    template(CHAIN)
    text = document([*CHAIN, approval("b", {"role": "dba"})], key="t")
    import_template(text=text, actor=None, at=NOW, publish_it=False)


def states() -> list[str]:
    return list(TemplateVersion.objects.filter(template__key="t").order_by("number").values_list("state", flat=True))


def trail() -> list[str]:
    return list(AdminEvent.objects.filter(about="template:t").order_by("seq").values_list("kind", flat=True))


def test_a_scheduled_version_is_published_when_its_time_has_come(admin, tomorrow) -> None:
    two_versions()
    asked = admin.post("templates/t/publish", {"version": 2, "at": tomorrow.isoformat(), "note": "new year"})
    assert asked.json()["published"] is False
    assert datetime.fromisoformat(asked.json()["publishes_at"]) == tomorrow
    assert admin.get("templates/t/versions").json()["results"][0]["publishes_at"]
    assert publish_due(tomorrow - timedelta(seconds=1)) == 0
    assert states() == ["published", "draft"]
    assert publish_due(tomorrow) == 1
    assert states() == ["retired", "published"]
    newest = admin.get("templates/t/versions").json()["results"][0]
    assert (newest["note"], newest["publishes_at"]) == ("new year", None)
    assert trail() == ["template.published", "template.scheduled", "template.published"]
    assert publish_due(tomorrow) == 0


def test_a_time_that_has_passed_means_now(admin) -> None:
    two_versions()
    admin.post("templates/t/publish", {"version": 2, "at": "2020-01-01T00:00:00Z"})
    assert states() == ["retired", "published"]


def test_only_one_publication_waits_and_publishing_another_cancels_it(admin, tomorrow) -> None:
    two_versions()
    for number in (1, 2):
        admin.post("templates/t/publish", {"version": number, "at": tomorrow.isoformat()})
    assert Publication.objects.get(state="waiting").version.number == 2
    publish(key="t", number=2, actor=None, at=NOW)
    assert not Publication.objects.filter(state="waiting").exists()


def test_a_scheduled_publication_can_be_cancelled(admin, tomorrow) -> None:
    two_versions()
    admin.post("templates/t/publish", {"version": 2, "at": tomorrow.isoformat()})
    assert admin.send("DELETE", "templates/t/publish").status_code == 204
    assert admin.send("DELETE", "templates/t/publish").json()["code"] == "nothing_scheduled"
    assert publish_due(tomorrow) == 0
    assert trail()[-1] == "template.unscheduled"


def test_at_its_time_the_document_must_still_pass(admin, tomorrow) -> None:
    give_role("temporary", "erin")
    template(CHAIN)
    text = document([approval("a", {"role": "temporary"})], key="t")
    import_template(text=text, actor=None, at=NOW, publish_it=False)
    admin.post("templates/t/publish", {"version": 2, "at": tomorrow.isoformat()})
    Role.objects.filter(key="temporary").delete()
    publish_due(tomorrow)
    assert states() == ["published", "draft"]
    newest = admin.get("templates/t/versions").json()["results"][0]
    assert [error["path"] for error in newest["refused"]] == ["chain[0].approvers[0].role"]
    assert trail()[-1] == "template.not_published"
    assert publish_due(tomorrow) == 0


def test_at_its_time_who_asked_must_still_have_the_right(tomorrow) -> None:
    two_versions()
    editor = person("editor", is_admin=True)
    Api("editor").post("templates/t/publish", {"version": 2, "at": tomorrow.isoformat()})
    editor.is_active = False
    editor.save()
    publish_due(tomorrow)
    assert states() == ["published", "draft"]
    assert Publication.objects.get(state="refused").errors[0]["code"] == "not_allowed"


def test_plans_are_for_publishers_only(admin, tomorrow) -> None:
    two_versions()
    admin.post("templates/t/publish", {"version": 2, "at": tomorrow.isoformat(), "note": "secret until then"})
    assert "secret until then" not in Api("alice").get("templates/t/versions").content.decode()


def test_a_retired_template_is_offered_to_nobody_and_its_tickets_go_on(admin) -> None:
    template(CHAIN)
    ticket = submit()
    gone = admin.post("templates/t/retire", {"note": "replaced by leave"})
    assert gone.json() == {"key": "t", "version": 1, "published": False}
    assert Api("alice").get("templates/t").status_code == 404
    assert Api("alice").get(f"tickets/{ticket.number}").status_code == 200
    assert admin.post("templates/t/retire").json()["code"] == "nothing_published"
    assert admin.post("templates/t/publish", {"version": 1}).json()["published"] is True
    assert trail() == ["template.published", "template.retired", "template.published"]


def test_a_template_that_others_open_is_not_retired(admin) -> None:
    template(CHAIN, key="child")
    opens = {"node": "b", "type": "subticket", "template": "child", "form": {}, "wait": "all"}
    template([*CHAIN, opens], key="parent")
    refused = admin.post("templates/child/retire")
    assert refused.status_code == 422
    assert "parent" in refused.json()["errors"][0]["message"]
    assert admin.post("templates/parent/retire").status_code == 200
    assert admin.post("templates/child/retire").status_code == 200


def test_the_trail_says_who_published_what_instead_of_what(admin) -> None:
    two_versions()
    admin.post("templates/t/publish", {"version": 2, "note": "asks the DBA"})
    act = AdminEvent.objects.filter(about="template:t").order_by("seq").last()
    assert (act.actor.username, act.channel) == ("admin", "web")
    assert act.data == {"key": "t", "version": 2, "replaces": 1, "note": "asks the DBA"}
