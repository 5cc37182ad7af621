"""New migrations are safe beside the release before, which still runs while they are applied (F15).

squawk reads the SQL of each migration that is newer than RELEASED. What it refuses: columns that are required, dropped
or renamed, because code that does not know the change would fail; and locks that would hold up everybody while an index
is built or a table is read. Two tables locked in one transaction are refused as well: they deadlock with requests that
read both. A table that the same migration creates is nobody's yet, so anything may be done to it.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations import operations as ops
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import BigAutoField, BooleanField, CharField, Field, Index, IntegerField, Q, UniqueConstraint

pytestmark = pytest.mark.django_db(transaction=True)  # an index that is built concurrently refuses a transaction
# Taste, and limits that every connection of ours has anyway.
LEFT_OUT = [
    "prefer-robust-stmts", "prefer-text-field", "prefer-bigint-over-int", "prefer-bigint-over-smallint",
    "require-lock-timeout", "require-statement-timeout",
]  # fmt: skip
OLDEST_POSTGRESQL = "15"
SQUAWK = [
    str(Path(sys.executable).parent / "squawk"), "--reporter", "json", "--pg-version", OLDEST_POSTGRESQL,
    "--exclude", ",".join(LEFT_OUT),
]  # fmt: skip
IRREVERSIBLE, SEVERAL = "irreversible", "several-tables-in-one-transaction"
CREATED, ALTERED = re.compile(r'CREATE TABLE "(\w+)"'), re.compile(r'ALTER TABLE "(\w+)"')

# The last migration of each app in the last release. A release moves them and empties ACCEPTED.
RELEASED = {
    "accounts": "0006_quota",
    "automation": "0021_host_unusable",
    "config": "0001_pulse",
    "notify": "0005_seals",
    "reports": "0001_sending",
    "templates_engine": "0003_seal",
    "tickets": "0012_foreseen",
}
# (app, migration) → rule → why it may be broken there. Say in docs/operation.md if an upgrade needs a stop for it.
ACCEPTED: dict[tuple[str, str], dict[str, str]] = {}


def findings(migration: Migration, before: ProjectState) -> set[str]:
    """The rules that this migration breaks, applied to tables in this state."""
    with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
        migration.apply(before.clone(), editor, collect_sql=True)
    sql = "\n".join(editor.collected_sql)
    command = [*SQUAWK, *(["--assume-in-transaction"] if migration.atomic else [])]
    done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
    broken = {found["rule_name"] for found in json.loads(done.stdout)}
    if migration.atomic and len({*ALTERED.findall(sql)} - {*CREATED.findall(sql)}) > 1:
        broken.add(SEVERAL)
    if not all(step.reversible for step in migration.operations):
        broken.add(IRREVERSIBLE)
    return broken


def newer(loader: MigrationLoader) -> list[tuple[str, str]]:
    """Migrations of our apps that no release has."""
    released = {node for leaf in RELEASED.items() for node in loader.graph.forwards_plan(leaf)}
    return sorted(key for key in loader.disk_migrations if key[0] in RELEASED and key not in released)


def test_F15_new_migrations_are_safe_beside_the_release_before() -> None:
    loader = MigrationLoader(connection)
    wrong = {}
    for key in newer(loader):
        migration = loader.graph.nodes[key]
        found = findings(migration, loader.project_state(key, at_end=False))
        if refused := found - {*ACCEPTED.get(key, {})}:
            wrong["/".join(key)] = refused
    assert wrong == {}, (
        "make it safe (docs/operation.md, Upgrading without a stop), or say in ACCEPTED why it may be so"
    )


def test_what_is_accepted_is_new_and_says_why() -> None:
    assert {*ACCEPTED} <= {*newer(MigrationLoader(connection))}
    assert all(why for rules in ACCEPTED.values() for why in rules.values())


def test_every_app_with_tables_is_looked_at() -> None:
    from django.apps import apps

    root = Path(__file__).resolve().parents[2]
    ours = {app.label for app in apps.get_app_configs() if root in Path(app.path).parents and ".venv" not in app.path}
    assert {label for label in ours if apps.get_app_config(label).models} == {*RELEASED}


THING: list[tuple[str, "Field[Any, Any]"]] = [("id", BigAutoField(primary_key=True)), ("size", IntegerField(null=True))]
BY_SIZE = Index(fields=["size"], name="thing_size")
SAFE = {
    "a nullable column": [ops.AddField("thing", "note", CharField(max_length=9, null=True))],
    "a column with a default of the database": [ops.AddField("thing", "on", BooleanField(db_default=False))],
    "a new table with an index": [ops.CreateModel("third", THING), ops.AddIndex("third", BY_SIZE)],
    "an index that is built beside": [AddIndexConcurrently("thing", BY_SIZE)],
}
UNSAFE = {
    "a required column": (ops.AddField("thing", "on", BooleanField(default=False)), "ban-drop-default"),
    "a column that becomes required": (ops.AlterField("thing", "size", IntegerField()), "adding-not-nullable-field"),
    "another type": (ops.AlterField("thing", "size", CharField(max_length=9, null=True)), "changing-column-type"),
    "a renamed column": (ops.RenameField("thing", "size", "length"), "renaming-column"),
    "a dropped column": (ops.RemoveField("thing", "size"), "ban-drop-column"),
    "a renamed table": (ops.RenameModel("Thing", "Matter"), "renaming-table"),
    "a dropped table": (ops.DeleteModel("Thing"), "ban-drop-table"),
    "an index that locks": (ops.AddIndex("thing", BY_SIZE), "require-concurrent-index-creation"),
    "a constraint that locks": (
        ops.AddConstraint("thing", UniqueConstraint(fields=["size"], condition=Q(size__gt=0), name="thing_once")),
        "require-concurrent-index-creation",
    ),
    "a statement without a way back": (ops.RunSQL("UPDATE tickets_thing SET size = 0"), IRREVERSIBLE),
}


def of(*steps: ops.base.Operation) -> set[str]:
    """What is found in a migration of these steps."""
    before = ProjectState()
    before.add_model(ModelState("tickets", "Thing", THING))
    before.add_model(ModelState("tickets", "Other", THING))
    migration: Any = Migration("of_tomorrow", "tickets")
    migration.operations = list(steps)
    migration.atomic = not any(isinstance(step, AddIndexConcurrently) for step in steps)
    return findings(migration, before)


@pytest.mark.parametrize("steps", SAFE.values(), ids=SAFE.keys())
def test_F15_safe(steps) -> None:
    assert of(*steps) == set()


@pytest.mark.parametrize(("step", "rule"), UNSAFE.values(), ids=UNSAFE.keys())
def test_F15_refused(step, rule) -> None:
    assert rule in of(step)


def test_F15_one_table_for_each_migration() -> None:
    columns = [ops.AddField(table, "note", CharField(max_length=9, null=True)) for table in ("thing", "other")]
    assert of(*columns) == {SEVERAL}


def test_F15_a_default_of_one_column_does_not_hide_another() -> None:
    harmless = ops.AddField("thing", "note", CharField(max_length=9, db_default=""))
    assert "ban-drop-default" in of(UNSAFE["a required column"][0], harmless)
