"""Drafts: two people work on one template, and nothing of either is lost."""

import pytest

from templates_engine.models import TemplateDraft, TemplateVersion
from tests.api.calls import Api
from tests.factories import approval, document, person, template

pytestmark = pytest.mark.usefixtures("world")
CHAIN = [approval("a", {"manager": 1})]
BROKEN = "apiVersion: baton/v1\nkey: [t"


@pytest.fixture
def admin() -> Api:
    return Api("admin")


def put(api: Api, text: str | bytes, match: str = "", key: str = "t"):
    data = text.encode() if isinstance(text, str) else text
    headers = {"If-Match": match} if match else {}
    path = f"/api/v1/templates/{key}/draft"
    return api.client.generic("PUT", path, data=data, content_type="application/yaml", headers=headers)


def second() -> Api:
    person("editor", is_admin=True)
    return Api("editor")


def test_the_editor_opens_the_newest_version_until_somebody_saves(admin) -> None:
    version = template(CHAIN)
    found = admin.get("templates/t/draft")
    assert found.status_code == 200
    assert found.headers["ETag"] == '"0"'
    assert found.json() == {
        "key": "t", "source": version.source, "revision": 0, "base": 1, "changed_by": None, "changed_at": None,
    }  # fmt: skip


def test_a_draft_is_kept_whatever_state_it_is_in(admin) -> None:
    template(CHAIN)
    kept = put(admin, BROKEN, '"0"')
    assert (kept.status_code, kept.headers["ETag"]) == (200, '"1"')
    again = admin.get("templates/t/draft").json()
    assert (again["source"], again["base"], again["changed_by"]) == (BROKEN, 1, "admin")
    assert TemplateVersion.objects.filter(template__key="t").count() == 1


def test_a_new_template_begins_as_a_draft(admin) -> None:
    assert admin.get("templates/brand-new/draft").status_code == 404
    assert put(admin, "key: brand-new", key="brand-new").json()["base"] is None
    assert admin.get("templates/brand-new/draft").json()["source"] == "key: brand-new"


def test_the_second_to_save_is_told_and_loses_nothing(admin) -> None:
    other = second()
    put(admin, "one")
    put(other, "two", '"1"')
    late = put(admin, "three", '"1"')
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert (late.json()["revision"], late.json()["changed_by"]) == (2, "editor")
    assert TemplateDraft.objects.get().source == "two"
    assert put(admin, "three", '"2"').json()["revision"] == 3


@pytest.mark.parametrize("match", ["", '"0"', '"7"', "nonsense", '"-1"'])
def test_nothing_but_the_right_revision_replaces_a_draft(admin, match) -> None:
    put(admin, "one")
    assert put(admin, "two", match).status_code == 412
    assert TemplateDraft.objects.get().source == "one"


@pytest.mark.parametrize("match", ['"1"', "1", 'W/"1"', "*"])
def test_the_right_revision_does(admin, match) -> None:
    put(admin, "one")
    assert put(admin, "two", match).json()["revision"] == 2


def test_saving_again_after_a_lost_answer_changes_nothing(admin) -> None:
    put(admin, "one")
    put(admin, "two", '"1"')
    assert put(admin, "two", '"1"').json()["revision"] == 2


def test_a_draft_that_is_gone_is_not_written_again_unasked(admin) -> None:
    put(admin, "one")
    assert admin.send("DELETE", "templates/t/draft", **{"If-Match": '"1"'}).status_code == 204
    gone = put(admin, "two", '"1"')
    assert (gone.status_code, gone.json()["revision"]) == (412, 0)
    assert admin.send("DELETE", "templates/t/draft").json()["code"] == "no_draft"


@pytest.mark.parametrize(
    ("text", "code"), [(b"a: \xff", "malformed_yaml"), (b"a: \0", "malformed_yaml"), (b"#" * 600_000, "too_large")]
)
def test_bytes_that_cannot_be_stored_are_refused_with_their_reason(admin, text, code) -> None:
    answer = put(admin, text)
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == [code]
    assert not TemplateDraft.objects.exists()


def test_publishing_a_draft_makes_it_the_next_version(admin) -> None:
    template(CHAIN)
    put(admin, document([*CHAIN, approval("b", {"role": "dba"})], key="t"), '"0"')
    done = admin.send("POST", "templates/t/publish", {"draft": True, "note": "asks the DBA"}, **{"If-Match": '"1"'})
    assert done.status_code == 200, done.json()
    assert (done.json()["version"], done.json()["published"], done.json()["publishes_at"]) == (2, True, None)
    assert not TemplateDraft.objects.exists()
    assert admin.get("templates/t/versions").json()["results"][0]["note"] == "asks the DBA"


def test_a_draft_that_was_changed_meanwhile_is_not_published(admin) -> None:
    put(admin, document(CHAIN, key="t"))
    put(second(), document(CHAIN, key="t") + "#", '"1"')
    late = admin.send("POST", "templates/t/publish", {"draft": True}, **{"If-Match": '"1"'})
    assert late.status_code == 412
    assert TemplateDraft.objects.get().revision == 2


@pytest.mark.parametrize(
    ("text", "place"),
    [(BROKEN, "line 3, column 1"), (document(CHAIN, key="other"), "key"), (document([], key="t"), "chain")],
)
def test_a_refused_draft_stays(admin, text, place) -> None:
    put(admin, text)
    refused = admin.post("templates/t/publish", {"draft": True})
    assert refused.status_code == 422
    assert place in {error["path"] for error in refused.json()["errors"]}
    assert TemplateDraft.objects.get().source == text
    assert not TemplateVersion.objects.filter(template__key__in=["t", "other"]).exists()


def test_a_draft_or_a_version_but_not_both(admin) -> None:
    assert admin.post("templates/t/publish", {"draft": True, "version": 1}).status_code == 422


def test_the_studio_lists_published_retired_and_new_ones(admin) -> None:
    template(CHAIN)
    put(admin, "half", '"0"')
    put(admin, "key: brand-new", key="brand-new")
    template(CHAIN, key="old")
    admin.post("templates/old/retire")
    rows = {row["key"]: row for row in admin.get("studio/templates").json()["results"]}
    assert (rows["t"]["version"], rows["t"]["draft"]["changed_by"]) == (1, "admin")
    assert (rows["old"]["version"], rows["old"]["newest"], rows["old"]["draft"]) == (None, 1, None)
    assert (rows["brand-new"]["name"], rows["brand-new"]["newest"]) == ("brand-new", None)
    assert rows["leave"]["name"] == {"zh": "请假", "en": "Leave"}
