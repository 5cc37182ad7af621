"""Checks the people that an applicant chose for nodes with `chosen_by: applicant`."""

from collections.abc import Iterator, Mapping
from typing import Any

from accounts.organisation.people import Person
from templates_engine.approvers import MOST_SEATS, Organisation, has_rule
from templates_engine.findings.finding import Finding
from templates_engine.program.program import Program
from templates_engine.program.route import Step


def check_chosen(
    program: Program, steps: list[Step], chosen: Mapping[str, Any], applicant: Person, organisation: Organisation
) -> Iterator[Finding]:
    """The findings for a choice; paths are `chosen.<node>`.

    Nodes on the path need a choice; for other nodes it is optional. Applicants may not choose themselves as approver,
    unless the node says `on_self: allow`.
    """
    for key, usernames in chosen.items():
        path, node = f"chosen.{key}", program.nodes.get(key)
        if node is None or not has_rule(node, "chosen_by"):
            yield Finding("nothing_to_choose", path)
            continue
        if len(usernames) > MOST_SEATS:
            yield Finding("too_many_items", path, {"limit": MOST_SEATS})
            continue
        there = {person.username for person in organisation.by_usernames(usernames)}
        for index, username in enumerate(usernames):
            if username not in there:
                yield Finding("unknown_user", f"{path}[{index}]", {"key": username})
        if applicant.username in usernames and node["type"] == "approval" and node.get("on_self") != "allow":
            yield Finding("not_yourself", path)
    for step in steps:
        if step.choose and not chosen.get(step.node):
            yield Finding("must_choose", f"chosen.{step.node}")
