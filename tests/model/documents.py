"""Random templates: all nesting that the language allows, over a form that the model can read."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Node = dict[str, Any]
RULES: st.SearchStrategy[list[Node]] = st.lists(
    st.sampled_from(
        [{"role": "sre"}, {"role": "ops"}, {"manager": 1}, {"manager": 2}, {"user": "heidi"}, {"role": "dba"},
         {"role": "nobody"}, {"managers_up_to": 2}, {"department_head": 1}, {"form_user": "who"}, {"applicant": True}]
    ),
    min_size=1, max_size=2, unique_by=str,
)  # fmt: skip
MODES = st.sampled_from(["any", "all", "sequence", {"ratio": 0.5}, {"ratio": 0.6}])
CASES = st.sampled_from([["form.n > 5"], ["form.flag"], ["form.n > 5", "form.n > 1"], ["!form.flag || form.n > 1"]])
TIMEOUTS = ["remind", "escalate", "veto", {"transfer": {"role": "dba"}}, {"transfer": {"role": "ops"}}]
FORM: list[Node] = [
    {"key": "n", "type": "number", "label": "N", "required": True},
    {"key": "flag", "type": "switch", "label": "F"},
    {"key": "who", "type": "user", "label": "W"},
    {"key": "hosts", "type": "hosts", "label": "H", "required": True},
]
RUN = {"type": "automation", "action": "service.restart", "targets": "form.hosts", "params": {"service": "'nginx'"}}
FORMS = st.builds(
    lambda n, flag, who, hosts: {"n": n, "flag": flag, "who": who, "hosts": hosts},
    st.sampled_from([0, 3, 7]),
    st.booleans(),
    st.sampled_from(["frank", "alice", "bob"]),
    st.sampled_from([["demo-01"], ["demo-01", "demo-02"]]),
)


KID_FORM = [FORM[0], FORM[1], {"key": "item", "type": "text", "label": "I"}]
KID_RULES: st.SearchStrategy[list[Node]] = st.lists(
    st.sampled_from([{"role": "sre"}, {"manager": 1}, {"role": "dba"}, {"role": "nobody"}, {"applicant": True}]),
    min_size=1,
    max_size=2,
    unique_by=str,
)
MAPPINGS = st.sampled_from(
    [{"n": "form.n", "flag": False}, {"n": 3, "flag": "form.flag"}, {"n": "form.n", "flag": True}]
)


@st.composite
def approvals(draw: st.DrawFn, *, strict: bool, rules: st.SearchStrategy[list[Node]] = RULES) -> Node:
    """An approval. strict: for chains with a job, where nothing may pass automatically."""
    node: Node = {"type": "approval", "approvers": draw(rules)}
    mode = draw(st.none() | MODES)
    if mode is not None:
        node["mode"] = mode
    node["on_empty"] = draw(st.sampled_from(["escalate", "block"] if strict else ["escalate", "approve", "block"]))
    node["on_self"] = draw(st.sampled_from(["escalate"] if strict else ["escalate", "approve", "allow"]))
    on_edit = draw(st.sampled_from([None, None, "ask_again", "inform"]))
    if on_edit:
        node["on_edit"] = on_edit
    if draw(st.integers(0, 3)) == 0:
        node["due"] = draw(st.sampled_from(["1h", "3h"]))
        node["on_timeout"] = draw(st.sampled_from(TIMEOUTS if strict else [*TIMEOUTS, "approve"]))
    return node


def confirms() -> st.SearchStrategy[Node]:
    """A confirmation."""
    return st.builds(lambda rules: {"type": "confirm", "assignees": rules}, RULES)


def chains(
    *, strict: bool, depth: int, inner: st.SearchStrategy[Node], rules: st.SearchStrategy[list[Node]] = RULES
) -> st.SearchStrategy[list[Node]]:
    """A chain of a few nodes with this nesting depth."""
    approval = approvals(strict=strict, rules=rules)
    node = st.one_of(approval, approval, inner)
    if depth:
        deeper = chains(strict=strict, depth=depth - 1, inner=inner, rules=rules)
        node = st.one_of(node, node, _branches(deeper), _parallels(deeper))
    return st.integers(0 if depth < 2 else 1, 4 if depth == 2 else 2).flatmap(
        lambda size: st.lists(node, min_size=size, max_size=size)
    )


@st.composite
def _branches(draw: st.DrawFn, deeper: st.SearchStrategy[list[Node]]) -> Node:
    cases: list[Node] = [{"when": when, "chain": draw(deeper)} for when in draw(CASES)]
    return {"type": "branch", "cases": [*cases, {"otherwise": True, "chain": draw(deeper)}]}


def _parallels(deeper: st.SearchStrategy[list[Node]]) -> st.SearchStrategy[Node]:
    branches = st.lists(st.builds(lambda chain: {"chain": chain}, deeper), min_size=2, max_size=3)
    return st.builds(lambda made: {"type": "parallel", "branches": made}, branches)


def named(chain: list[Node], numbers: Iterator[int]) -> list[Node]:
    """The chain with a key on every node."""
    found = []
    for node in chain:
        whole = {"node": f"n{next(numbers)}", **node}
        for part in ("cases", "branches"):
            if part in whole:
                whole[part] = [{**one, "chain": named(one["chain"], numbers)} for one in whole[part]]
        found.append(whole)
    return found


def flat(chain: list[Node]) -> Iterator[Node]:
    """All nodes inside."""
    for node in chain:
        yield node
        for one in node.get("cases", []) + node.get("branches", []):
            yield from flat(one["chain"])


@st.composite
def templates(draw: st.DrawFn, *, key: str = "walk") -> dict[str, Any]:
    """A whole document. If it runs a job, it starts with a strict approval."""

    strict = draw(st.integers(0, 2)) == 0
    inner = [
        confirms(),
        st.builds(lambda rules: {"type": "cc", "to": rules}, RULES),
        st.just({"type": "wait", "for": "2h"}),
    ]
    if strict:
        inner.append(st.just(dict(RUN)))
    chain = draw(chains(strict=strict, depth=2, inner=st.one_of(*inner)))
    if strict:
        chain = [draw(approvals(strict=True)), *chain]
    chain = named(chain, iter(range(100)))
    asked = [node["node"] for node in flat(chain) if node["type"] in ("approval", "confirm")]
    fields = [dict(field) for field in FORM]
    for field in fields[:3]:
        places = draw(st.lists(st.sampled_from(asked), unique=True, max_size=2)) if asked else []
        if places:
            field["editable_at"] = places
    forked = any(node["type"] == "parallel" for node in flat(chain))  # which approval is adjacent behind a join?
    return {
        "apiVersion": "baton/v1", "kind": "TicketTemplate", "key": key, "name": "T", "form": fields, "chain": chain,
        "dedup": draw(st.sampled_from(["none", "none", "none" if forked else "adjacent", "all"])),
    }  # fmt: skip


@st.composite
def subtickets(draw: st.DrawFn, *, template: str, hosts: bool) -> Node:
    """A node that creates children, one per host or a single one."""
    node: Node = {
        "type": "subticket", "template": template, "form": draw(MAPPINGS),
        "wait": draw(st.sampled_from(["all", "all", "any", "none"])),
        "on_child_failure": draw(st.sampled_from(["return", "veto", "continue"])),
    }  # fmt: skip
    if hosts and draw(st.booleans()):
        node["for_each"] = "form.hosts"
        node["form"] = {**node["form"], "item": "item"}
    return node


@st.composite
def families(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A template whose tickets have children, which may have children too; the innermost comes first."""
    grandchild = [draw(approvals(strict=False, rules=KID_RULES))]
    inner = subtickets(template="grandkid", hosts=False)
    child = draw(chains(strict=False, depth=1, inner=inner, rules=KID_RULES))
    whole = draw(chains(strict=False, depth=2, inner=subtickets(template="kid", hosts=True)))
    if not any(node["type"] == "subticket" for node in flat(whole)):
        whole = [*whole, draw(subtickets(template="kid", hosts=True))]
    made = []
    for key, chain, form in (
        ("grandkid", grandchild, KID_FORM),
        ("kid", child or grandchild, KID_FORM),
        ("walk", whole, FORM),
    ):
        made.append(
            {"apiVersion": "baton/v1", "kind": "TicketTemplate", "key": key, "name": key, "form": form,
             "chain": named(chain, iter(range(100))), "dedup": draw(st.sampled_from(["none", "all"]))}
        )  # fmt: skip
    return made
