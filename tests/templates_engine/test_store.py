"""Import, publish and export: nothing is lost, and stored versions never change (I09)."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Role
from demo import TEMPLATES
from templates_engine.document.check import check_text
from templates_engine.errors import NoSuchTemplate, NotPublisher, TemplateRefused
from templates_engine.models import Template, TemplateVersion
from templates_engine.store import commands, queries
from tests.api.calls import Api
from tests.factories import NOW, approval, document, give_role, submit, template, user

pytestmark = pytest.mark.usefixtures("world")
CHAIN = [approval("a", {"manager": 1})]
VALID = sorted((Path(__file__).resolve().parent / "documents" / "valid").glob("*.yaml"))
ODD = (
    "# a comment 评论\r\napiVersion: baton/v1\r\nkind: TicketTemplate\r\nkey: odd\r\n"
    "name: {zh: '中', en: \"E\"}   \r\n\r\nform: []\r\nchain:\r\n"
    "  - {node: a, type: approval, approvers: [{manager: 1}]}\r\n# the end, no line break"
)


def store(text: str | bytes, *, publish: bool = True, actor=None) -> TemplateVersion:
    return commands.import_template(text=text, actor=actor, at=NOW, publish_it=publish).version


@pytest.mark.parametrize("text", [ODD, "\ufeff" + ODD, ODD.replace("\r\n", "\n")], ids=["crlf", "bom", "lf"])
def test_export_is_the_import_byte_for_byte(text) -> None:
    store(text.encode())
    exported = queries.version_of("odd", None).source.encode()
    assert exported == text.encode()
    again = store(exported)
    assert again.number == 1
    assert queries.version_of("odd", None).source.encode() == exported


def test_the_demo_templates_come_back_as_they_are() -> None:
    for path in TEMPLATES.glob("*.yaml"):
        assert queries.version_of(path.stem, None).source.encode() == path.read_bytes()


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_every_valid_document_survives_export_and_import(path) -> None:
    text = path.read_bytes()
    stored = store(text)
    exported = queries.version_of(stored.template.key, stored.number).source.encode()
    assert exported == text
    again = store(exported)
    assert again.pk == stored.pk
    assert queries.version_of(stored.template.key, again.number).source.encode() == text


def test_importing_twice_makes_no_new_version() -> None:
    first = store(ODD)
    assert store(ODD).pk == first.pk
    assert store(ODD.encode()).pk == first.pk
    other = store(ODD + "#")
    assert other.number == 2
    assert store(ODD).number == 3  # not the newest any more


def test_one_version_is_published_and_tickets_stay_on_theirs() -> None:
    first = template(CHAIN)
    ticket = submit()
    second = template([*CHAIN, approval("b", {"role": "dba"})])
    first.refresh_from_db()
    assert (first.state, second.state) == ("retired", "published")
    assert Template.objects.get(key="t").current == second
    ticket.refresh_from_db()
    assert ticket.template_version_id == first.pk
    commands.publish(key="t", number=1, actor=None, at=NOW)
    second.refresh_from_db()
    assert second.state == "retired"
    assert submit().template_version_id == first.pk


def test_a_draft_is_offered_to_nobody() -> None:
    store(document(CHAIN, key="quiet"), publish=False)
    with pytest.raises(NoSuchTemplate):
        queries.usable_template(user("admin"), "quiet")


def test_I23_a_draft_is_read_by_publishers_only() -> None:
    template(CHAIN)
    text = TemplateVersion.objects.get(template__key="t").source
    commands.import_template(text=text + "#", actor=None, at=NOW, publish_it=False)
    assert queries.readable_version(user("alice"), "t", 1).number == 1
    with pytest.raises(NoSuchTemplate):
        queries.readable_version(user("alice"), "t", 2)
    assert queries.readable_version(user("admin"), "t", 2).number == 2


def test_nothing_of_a_refused_document_is_stored() -> None:
    before = TemplateVersion.objects.count()
    with pytest.raises(TemplateRefused) as refused:
        store(document([{"node": "a", "type": "approval", "approvers": [{"role": "nope"}]}], key="bad"))
    assert refused.value.errors[0]["path"] == "chain[0].approvers[0].role"
    assert TemplateVersion.objects.count() == before
    assert not Template.objects.filter(key="bad").exists()


def test_publishing_checks_against_todays_organisation() -> None:
    give_role("temporary", "erin")
    store(document([approval("a", {"role": "temporary"})], key="late"), publish=False)
    Role.objects.filter(key="temporary").delete()
    with pytest.raises(TemplateRefused):
        commands.publish(key="late", number=None, actor=None, at=NOW)


@pytest.mark.parametrize(("key", "number"), [("none", None), ("leave", 99), ("leave", 2**40)])
def test_unknown_versions(key, number) -> None:
    with pytest.raises(NoSuchTemplate):
        commands.publish(key=key, number=number, actor=None, at=NOW)


def test_B8_publishing_is_a_right_of_its_own() -> None:
    for actor in ("alice", "erin"):
        with pytest.raises(NotPublisher):
            store(ODD, actor=user(actor))
        with pytest.raises(NotPublisher):
            commands.publish(key="leave", number=None, actor=user(actor), at=NOW)
    assert store(ODD, actor=user("admin")).created_by == user("admin")
    give_role("author", "alice")
    Role.objects.filter(key="author").update(permissions=["templates.publish", "unknown.right"])
    assert store(ODD + "#", actor=user("alice")).number == 2


@pytest.mark.parametrize("column", ["source", "document", "program", "number", "template_id"])
def test_I09_a_stored_version_is_frozen_by_the_database(column) -> None:
    version = template(CHAIN)
    values = {"source": "''", "document": "'{}'", "program": "'{}'", "number": "9", "template_id": "template_id + 1"}
    statement = f"UPDATE templates_engine_templateversion SET {column} = {values[column]} WHERE id = %s"
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [version.pk])


def test_two_published_versions_are_impossible() -> None:
    template(CHAIN)
    second = store(document(CHAIN) + " ", publish=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        TemplateVersion.objects.filter(pk=second.pk).update(state="published")


@pytest.mark.parametrize(
    ("audience", "allowed"),
    [
        (["everyone"], {"alice", "carol", "erin", "frank", "admin"}),
        ([{"department": "dev"}], {"alice", "carol", "admin"}),
        ([{"department": "platform"}], {"alice", "admin"}),
        ([{"role": "sre"}], {"erin", "admin"}),
        ([{"user": "frank"}], {"frank", "admin"}),
        ([{"user": "frank"}, {"role": "sre"}], {"frank", "erin", "admin"}),
    ],
)
def test_the_audience_of_a_template(audience, allowed) -> None:
    template(CHAIN, key="seen", visible_to=audience)
    for name in ("alice", "carol", "erin", "frank", "admin"):
        offered = "seen" in [version.template.key for version in queries.usable_templates(user(name))]
        assert offered is (name in allowed)
        if not offered:
            with pytest.raises(NoSuchTemplate):
                submit("seen", by=name)


def test_the_command_exports_to_where_it_is_told() -> None:
    store(ODD.encode())
    out = StringIO()
    call_command("template", "export", "odd", stdout=out)
    assert out.getvalue() == ODD


def test_the_command_says_warnings_once(tmp_path) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(document(CHAIN, visible_to=[{"user": "carol"}, {"user": "alice"}]))
    out = StringIO()
    call_command("template", "import", str(file), "--publish", stdout=out)
    assert out.getvalue().count("warning: ") == 1
    assert out.getvalue().splitlines()[-1] == "t v1 (published)"


def test_importing_and_publishing_check_once(monkeypatch) -> None:
    checks = []
    real = check_text
    monkeypatch.setattr(commands, "check_text", lambda *given: (checks.append(given[0]), real(*given))[1])
    api = Api("admin")
    imported = api.client.post("/api/v1/templates/import", document(CHAIN), content_type="application/yaml").json()
    assert len(checks) == 1
    published = api.post("templates/t/publish").json()
    assert len(checks) == 2
    assert imported["warnings"] == published["warnings"]
    assert {row["code"] for row in published["warnings"]} == {"empty_rule", "nobody_acts"}


def test_shorthands_are_written_out_and_the_source_stays() -> None:
    source = (VALID[0].parent / "written-short.yaml").read_text()
    version = store(source)
    fields = {field["key"]: field for field in version.document["form"]}
    assert fields["size"]["options"] == ["S", {"value": "M", "label": {"zh": "中", "en": "Medium"}}, "L"]
    assert fields["rows"]["columns"][0]["options"] == ["S", "M"]
    east, north = fields["site"]["options"]
    assert (east["children"], north) == ([{"value": "shanghai"}, {"value": "nanjing"}], {"value": "north"})
    assert version.source == source
    ticket = submit("written-short", {"whole": 4, "site": ["north"], "rows": [{"size": "S"}]})
    assert ticket.title
