"""The engine alone, without a database: a long chain walked in one go, a large template checked and compiled."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import Any

from accounts.models import User
from templates_engine.document.check import check_text
from templates_engine.ports import actions
from templates_engine.program.program import Program, build, compile_chain
from tests.bench.bed import Bed
from tests.bench.chains import DIRECTORY, Nobody, document, long_chain, wide_chain
from tickets.engine.advance import advance
from tickets.engine.walk import Walk
from tickets.models import ContentVersion, Ticket

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PASSES = 21


def run(_bed: Bed) -> dict[str, Any]:
    """Medians in milliseconds, and the number of nodes walked."""
    chain = document(long_chain(50, branches=10))
    program = build(compile_chain(chain), 1, chain)
    large = document(wide_chain(200))
    text = json.dumps(large)
    if not check_text(text, DIRECTORY, actions(), {}).ok:
        raise RuntimeError("the large template is refused")
    return {
        "advance_50_nodes_10_branches_ms": _timed(lambda: _walk(program)),
        "compile_200_nodes_ms": _timed(lambda: build(compile_chain(large), 1, large)),
        "check_200_nodes_ms": _timed(lambda: check_text(text, DIRECTORY, actions(), {})),
        "nodes_walked": len(_walk(program).visits),
    }


def _timed(work: Callable[[], Any]) -> float:
    work()
    spent = []
    for _pass in range(PASSES):
        began = time.perf_counter()
        work()
        spent.append((time.perf_counter() - began) * 1000)
    return round(median(spent), 2)


def _walk(program: Program) -> Walk:
    """Walk one ticket through the whole chain; rows and events are made, nothing is stored."""
    alice = User(id=1, username="alice", name="alice")
    ticket = Ticket(id=1, number="T-1", applicant=alice, template_version_id=1, created_at=NOW)
    ticket.content = ContentVersion(
        id=1, ticket=ticket, number=1, form={"n": 7}, digest="x", created_at=NOW,
        facts={
            "applicant": {"username": "alice", "name": "alice", "department": "", "roles": []},
            "ticket": {"priority": "normal", "title": ""},
        },
    )  # fmt: skip
    walk = Walk(ticket, program, NOW, organisation=Nobody(), actor=alice)
    ticket.submit(at=NOW)
    advance(walk, program.start)
    return walk
