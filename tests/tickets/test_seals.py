"""Program and document of a template version are sealed (I09, I13, A32), with keys that can be rotated (F39)."""

import pytest
from django.core.management import call_command
from django.db import connection

from templates_engine.errors import BrokenSeal, TemplateRefused
from templates_engine.models import TemplateVersion
from templates_engine.store.programs import load
from templates_engine.store.seals import is_sound
from tests.factories import HOST, HOSTS, NOW, act, approval, begin, breaks, fresh, restart, submit, template, visit
from tickets.audit.verify import verify_versions
from tickets.commands import execution
from tickets.commands.execution import ExecutionRefused

pytestmark = pytest.mark.usefixtures("world")
NEW = "new-key-of-more-than-32-characters-" + "n" * 8


@pytest.fixture(autouse=True)
def fresh_process():
    """As after a restart, before and after."""
    load.cache_clear()
    yield
    load.cache_clear()


def sql(statement: str, *arguments) -> None:
    """As the owner of the tables, no trigger in the way."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, arguments)
        assert cursor.rowcount > 0
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def change_program(version: TemplateVersion) -> None:
    """The chain goes straight to its automation."""
    sql(
        "UPDATE templates_engine_templateversion SET program = jsonb_set(program, '{start}', '\"run\"') WHERE id = %s",
        version.pk,
    )


@pytest.fixture
def version() -> TemplateVersion:
    return template([approval("a", {"manager": 1}), restart()], [HOSTS])


def test_A32_a_changed_program_hands_in_nothing(version) -> None:
    change_program(version)
    with pytest.raises(BrokenSeal):
        submit(form=HOST)


def test_A32_a_changed_program_runs_nothing(version) -> None:
    """Whoever lost the approvals on the way: the executor reads program and seal itself, whatever it remembers."""
    ticket = submit(form=HOST)
    act(ticket, "bob")
    change_program(version)
    with pytest.raises(ExecutionRefused, match="changed_template: t version 1"):
        begin(ticket)
    assert visit(ticket, "run").started_at is None


def test_A32_a_job_refused_for_its_template_ends_and_fails_the_ticket(version) -> None:
    ticket = submit(form=HOST)
    act(ticket, "bob")
    change_program(version)
    load.cache_clear()
    execution.settle(visit_id=visit(ticket, "run").pk, job_id=1, at=NOW, ok=False, outcome="refused", hosts={})
    assert fresh(ticket).state == "failed"


CHANGES = {
    "program": "program = jsonb_set(program, '{nodes,a,mode}', '\"all\"')",
    "document": "document = jsonb_set(document, '{name}', '\"other\"')",
    "source": "source = source || ' '",
    "number": "number = 7",
    "seal": "seal = repeat('0', 64)",
    "no seal": "seal = ''",
    "another template": "number = 99, state = 'retired', template_id = (SELECT min(id) FROM templates_engine_template)",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_A32_every_part_of_a_version_is_sealed(version, change, capsys) -> None:
    sql(f"UPDATE templates_engine_templateversion SET {change} WHERE id = %s", version.pk)
    assert [found.what for found in verify_versions()] == ["changed_template"]
    with pytest.raises(BrokenSeal):
        load(version.pk)
    with pytest.raises(SystemExit):
        call_command("audit", "verify")
    assert "changed_template" in capsys.readouterr().out


def test_A32_two_versions_cannot_change_places(version) -> None:
    """Tickets are pinned to ids: an older version under a newer one's id is not what was signed."""
    newer = template([approval("a", {"manager": 1}), approval("b", {"role": "dba"}), restart()], [HOSTS])
    places = ((version.pk, 0), (newer.pk, version.pk), (0, newer.pk))
    numbers = (
        "UPDATE templates_engine_templateversion SET id = %s, state = 'retired', number = number + %s WHERE id = %s"
    )
    for (old, new), more in zip(places, (0, 0, 0), strict=True):
        sql(numbers, new, more, old)
    assert len(list(verify_versions())) == 2


def test_A32_an_inserted_version_is_none(version) -> None:
    sql(
        "INSERT INTO templates_engine_templateversion (template_id, number, state, source, document, program, seal,"
        " created_at) SELECT template_id, 99, 'retired', source, document, program, seal, created_at"
        " FROM templates_engine_templateversion WHERE id = %s", version.pk,
    )  # fmt: skip
    assert [str(found) for found in verify_versions()] == [
        "template t: changed_template: version 99 was changed or inserted"
    ]


NUMBERS = [1e3, 1.50, 0.1, 1e15, 123456789012.25, 9007199254740993, 12345678901234567890, 1e21]


@pytest.mark.parametrize("number", NUMBERS)
def test_what_was_stored_is_sound_whatever_its_numbers(number) -> None:
    """A number that the database gives back in another form must not break a seal."""
    field = {"key": "n", "type": "number", "label": "N", "precision": 2, "max": number}
    try:
        stored = template([approval("a", {"manager": 1})], [field])
    except TemplateRefused:
        return  # a clear refusal is as good
    assert is_sound(TemplateVersion.objects.get(pk=stored.pk))


def test_F39_a_ticket_goes_on_under_a_new_key(version, settings) -> None:
    ticket = submit(form=HOST)
    settings.AUDIT_KEYS = {"2027": NEW}
    act(ticket, "bob")
    assert begin(ticket).number == ticket.number
    assert breaks(ticket) == []
    assert fresh(ticket).event_hash.startswith("2027:")
    assert list(verify_versions()) == []
    settings.AUDIT_KEYS, settings.AUDIT_KEY = {"2027": NEW, "2026": settings.AUDIT_KEY}, ""
    assert breaks(ticket) == []
    settings.AUDIT_KEYS = {"2026": settings.AUDIT_KEYS["2026"]}
    assert breaks(ticket) == ["changed_event"]
