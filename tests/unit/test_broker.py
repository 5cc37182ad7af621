"""How messages are acknowledged and queues created (F18): rows count, so no message is held during a job."""

import json
import subprocess
import sys

import pytest
from django.db import connection

from config.celery import app
from config.doctor.services import waits
from tests.unit.test_production import GOOD, ROOT

RABBIT = {"BROKER_URL": "amqp://baton:secret@127.0.0.1:9/baton"}
SAY = """
import json
from django.conf import settings
from config.celery import app
app.finalize()
conf, database = app.conf, settings.DATABASES["default"]
print(json.dumps({
    "late": [name for name, task in app.tasks.items() if task.acks_late],
    "types": [conf.task_default_queue_type, conf.task_create_missing_queue_type],
    "exchange": conf.task_default_exchange_type,
    "made": [app.amqp.queues[name].queue_arguments for name in ("default", "automation")],
    "transport": dict(conf.broker_transport_options),
    "options": database["OPTIONS"].get("options"),
    "server_side": not database.get("DISABLE_SERVER_SIDE_CURSORS"),
}))
"""


def say(**changes: str) -> dict:
    """What the settings come to with this environment."""
    env = GOOD | {"DJANGO_SETTINGS_MODULE": "config.settings"} | changes
    done = subprocess.run([sys.executable, "-c", SAY], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_no_task_keeps_its_message_until_it_ends() -> None:
    app.loader.import_default_modules()
    ours = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    assert len(ours) > 10
    assert [task.name for task in ours if task.acks_late] == []


def test_queues_of_rabbitmq_are_classic_unless_the_cluster_wants_quorum() -> None:
    found = say(**RABBIT)
    assert (found["types"], found["exchange"]) == (["classic", "classic"], "direct")
    assert found["transport"] == {"write_timeout": 5}
    assert found["late"] == []
    found = say(**RABBIT, BATON_QUEUE_TYPE="quorum")
    assert (found["types"], found["exchange"]) == (["quorum", "quorum"], "topic")
    assert all(arguments["x-queue-type"] == "quorum" for arguments in found["made"])


def test_behind_pgbouncer_nothing_is_asked_of_a_session() -> None:
    found = say(**RABBIT)
    assert "lock_timeout=15s" in found["options"]
    assert found["server_side"]
    found = say(**RABBIT, BATON_PGBOUNCER="1")
    assert found["options"] is None
    assert not found["server_side"]


@pytest.mark.parametrize(("name", "value"), [("BATON_QUEUE_TYPE", "mirrored"), ("BATON_PGBOUNCER", "perhaps")])
def test_a_wrong_value_is_one_line(name, value) -> None:
    env = GOOD | {name: value}
    command = [sys.executable, "-c", "import config.settings"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.stderr.startswith(f"Setting {name}: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.django_db
def test_the_doctor_sees_whether_the_limits_are_really_set() -> None:
    assert waits() == "ok"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 0")
        assert "lock_timeout is not set" in waits()
        cursor.execute("SET LOCAL lock_timeout = '15s'")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        assert "idle_in_transaction_session_timeout is not set" in waits()
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '60s'")
        cursor.execute("SET LOCAL timezone = 'Asia/Shanghai'")
        assert "Asia/Shanghai" in waits()
