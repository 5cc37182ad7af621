"""The template language: each document of tests/templates_engine/documents/ is valid, or refused as its header says.

A header line is `# refused: <code> at <path>`; `-` is the document itself.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from demo import TEMPLATES as DEMO
from templates_engine import ports
from templates_engine.findings.finding import WARNINGS
from templates_engine.findings.messages import WORDS
from templates_engine.program.diagram import diagram
from templates_engine.program.program import build, compile_chain
from templates_engine.store.commands import check
from templates_engine.text import localize

FOLDER = Path(__file__).resolve().parent / "documents"
REFUSED = sorted((FOLDER / "refused").glob("*.yaml"))
VALID = sorted([*(FOLDER / "valid").glob("*.yaml"), *DEMO.glob("*.yaml")])
HEADER = re.compile(r"^# refused: (\S+) at (.+)$", re.MULTILINE)

pytestmark = pytest.mark.usefixtures("world")


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_refused_with_its_path(path) -> None:
    text = path.read_text(encoding="utf-8")
    expected = {(code, "" if place == "-" else place) for code, place in HEADER.findall(text)}
    assert expected
    without_header = re.sub(r"^(# refused: .*\n)+", "", text)
    found = check(without_header)
    assert not found.ok
    assert {(finding.code, finding.path) for finding in found.errors} == expected
    for finding in found.errors:
        assert finding.message["zh"]
        assert finding.message["en"]


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid(path) -> None:
    found = check(path.read_bytes())
    assert [finding.render() for finding in found.errors] == []
    assert diagram(found.document).startswith("flowchart TD\n")
    program = build(compile_chain(found.document), 1, found.document)
    assert set(_edges(program)) <= {None, *program.nodes}


def _edges(program):
    yield program.start
    for node in program.nodes.values():
        yield node["next"]
        yield from (way["first"] for way in node.get("cases", []) + node.get("branches", []))


def test_every_code_of_a_document_has_a_document() -> None:
    """A new refusal needs its document."""
    covered = {code for path in REFUSED for code, _place in HEADER.findall(path.read_text(encoding="utf-8"))}
    elsewhere = {
        "required", "unknown_form_key", "not_visible", "too_long", "too_short", "too_small", "too_big",
        "too_many_items", "too_few_items", "repeated_item", "not_an_option", "bad_pattern", "bad_date",
        "bad_datetime", "bad_number", "control_characters", "not_editable", "ends_before_start",
        "too_many_days",  # of form values: test_fields.py
        "nothing_to_choose", "must_choose", "not_yourself",  # of people that were chosen: test_simulate.py
        "expression_failed", "too_many_children",  # while a ticket is planned: test_rendering.py
        "too_large", "too_many_parts",  # tests/unit/test_yaml_reader.py
        "too_many_errors", "too_many_expressions",  # large documents: test_bad_input.py
        "subticket_depth", "child_needs_choice",  # need other templates: test_subtickets.py
        "dry_run_required",  # needs an action of one's own: below
        "action_for_nobody",  # the same: tests/automation/test_releasing.py
        "other_type",  # the same: tests/automation/test_stages.py
        "unreachable_node", "endless_chain", "dead_end", "join_never_completes",  # never compiled: test_proofs.py
    }  # fmt: skip
    assert set(WORDS) - WARNINGS - elsewhere <= covered


def test_a_dry_run_that_its_action_requires_is_never_left_out(monkeypatch) -> None:
    known = ports.actions()

    class Strict:
        keys = staticmethod(known.keys)

        def get(self, key: str) -> ports.ActionInfo | None:
            action = known.get(key)
            return action and replace(action, dry_run="required")

    monkeypatch.setattr(ports, "_catalogue", Strict())
    text = (FOLDER / "refused" / "automation-dry-run-of-what-only-reads.yaml").read_text(encoding="utf-8")
    found = check(text.replace("dry_run: required", "dry_run: none"))
    assert [(finding.code, finding.path) for finding in found.errors] == [("dry_run_required", "chain[1].dry_run")]
    assert check(text).ok


def test_a_chain_of_too_many_nodes() -> None:
    nodes = ", ".join(f"{{node: n{i}, type: cc, to: [{{applicant: true}}]}}" for i in range(100))
    cases = ", ".join(f"{{otherwise: true, chain: [{nodes.replace('node: n', f'node: m{j}-')}]}}" for j in range(6))
    text = (
        "apiVersion: baton/v1\nkind: TicketTemplate\nkey: t\nname: T\nform: []\n"
        f"chain: [{{node: b, type: branch, cases: [{cases}]}}]"
    )
    assert "too_many_parts" in {finding.code for finding in check(text).errors}


def test_suggestions_name_what_is_close() -> None:
    text = (FOLDER / "refused" / "automation-unknown-action.yaml").read_text(encoding="utf-8")
    (finding,) = check(text).errors
    assert "service.restart" in localize(finding.suggestion, "en")
