"""SpiffWorkflow's side of DECIDE: three approvals in a row, the instance stored as JSON after each step.

Runs in the environment of requirements/spiff.txt: `python -m tests.bench.spiff DATABASE_URL COUNT`. Prints one line of
JSON: {start, decide}, each {steps, seconds, cpu_s}. Each step is what a web request would do, as in its documentation:
lock and read the row, restore the instance, complete the task, run on, serialize, store, commit.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from io import BytesIO
from itertools import pairwise
from typing import Any

import psycopg
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from tests.bench.stepping import measured

STEPS = ("first", "second", "third")
TABLE = "CREATE TABLE IF NOT EXISTS spiff_instance (id bigserial PRIMARY KEY, state json NOT NULL)"
INSERT = "INSERT INTO spiff_instance (state) VALUES (%s) RETURNING id"
SELECT = "SELECT state::text FROM spiff_instance WHERE id = %s FOR UPDATE"
UPDATE = "UPDATE spiff_instance SET state = %s WHERE id = %s"


def process() -> bytes:
    """A BPMN process of three manual tasks."""
    way = ["start", *STEPS, "end"]
    flows = "".join(
        f'<sequenceFlow id="to_{there}" sourceRef="{here}" targetRef="{there}"/>' for here, there in pairwise(way)
    )
    tasks = "".join(f'<manualTask id="{step}" name="{step}"/>' for step in STEPS)
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench">'
        f'<process id="bench" isExecutable="true"><startEvent id="start"/>{tasks}<endEvent id="end"/>{flows}</process>'
        "</definitions>"
    ).encode()


def specification() -> Any:
    """The process, parsed once."""
    parser = BpmnParser()
    parser.add_bpmn_io(BytesIO(process()))
    return parser.get_spec("bench")


class Engine:
    """Instances in a table."""

    def __init__(self, connection: "psycopg.Connection[Any]", count: int) -> None:
        self.connection, self.count = connection, count
        self.specification = specification()
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        self.ids: list[int] = []

    def start(self) -> int:
        """Make the instances, each in a transaction."""
        for number in range(self.count):
            instance = BpmnWorkflow(self.specification)
            instance.data.update(subject=f"Ticket {number}", days=1 + number % 20)
            instance.do_engine_steps()
            with self.connection.transaction():
                stored = self.connection.execute(INSERT, [self.serializer.serialize_json(instance)])
                self.ids += stored.fetchone() or ()
        return self.count

    def decide(self) -> int:
        """Say yes to every step of each."""
        for step in STEPS:
            for number in self.ids:
                with self.connection.transaction():
                    self.approve(number, step)
        return len(STEPS) * self.count

    def approve(self, number: int, step: str) -> None:
        """One approval."""
        row = self.connection.execute(SELECT, [number]).fetchone() or ("",)
        instance = self.serializer.deserialize_json(row[0])
        [task] = instance.get_tasks(state=TaskState.READY, manual=True)
        assert task.task_spec.bpmn_id == step
        task.data.update({step: {"by": "bob", "comment": ""}})
        task.run()
        instance.do_engine_steps()
        assert instance.completed is (step == STEPS[-1])
        self.connection.execute(UPDATE, [self.serializer.serialize_json(instance), number])


def main(url: str, count: int) -> None:
    """Warm up with a few, then measure."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLE)
        warm = Engine(connection, 10)
        warm.start()
        warm.decide()
        engine, backend = Engine(connection, count), connection.info.backend_pid
        acts: dict[str, Callable[[], int]] = {"start": engine.start, "decide": engine.decide}
        found = {name: asdict(measured(act, backend)) for name, act in acts.items()}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
