"""Compiled chains: forks and joins, positions, defaults, programs of earlier releases (I09)."""

from typing import Any

from templates_engine.program.program import build, compile_chain, join_of


def cc(key: str) -> dict:
    return {"node": key, "type": "cc", "to": [{"applicant": True}]}


def fork(key: str, *branches: list[dict], **more) -> dict:
    named = [{"name": f"{key}-{index}", "chain": chain} for index, chain in enumerate(branches)]
    return {"node": key, "type": "parallel", "branches": named, **more}


def case(*chain: dict, when: str | None = None) -> dict:
    return {"chain": list(chain), **({"when": when} if when else {"otherwise": True})}


def program(*chain: dict, **parts):
    document = {"key": "t", "form": [], "chain": list(chain), **parts}
    return build(compile_chain(document), 1, document)


def edges(walked) -> dict[str, object]:
    return {key: node["next"] for key, node in walked.nodes.items()}


def test_branches_lead_to_the_join_and_the_join_goes_on() -> None:
    walked = program(cc("a"), fork("f", [cc("b"), cc("c")], [cc("d")]), cc("e"))
    assert edges(walked) == {
        "a": "f", "f": "f/join", "b": "c", "c": "f/join", "d": "f/join", "f/join": "e", "e": None,
    }  # fmt: skip
    assert walked.node("f")["branches"] == [{"name": "f-0", "first": "b"}, {"name": "f-1", "first": "d"}]
    assert walked.node("f/join") == {
        "key": "f/join", "type": "join", "fork": "f", "name": "f", "next": "e", "within": [],
    }  # fmt: skip
    assert (walked.start, join_of("f")) == ("a", "f/join")


def test_an_empty_branch_begins_at_the_join() -> None:
    assert [branch["first"] for branch in program(fork("f", [], [cc("a")])).node("f")["branches"]] == ["f/join", "a"]


def test_a_fork_at_the_end_ends_the_chain_behind_its_join() -> None:
    assert program(fork("f", [cc("a")], [cc("b")])).node("f/join")["next"] is None


def test_where_a_node_stands() -> None:
    inner = fork("g", [cc("x")], [cc("y")])
    walked = program(
        fork(
            "f",
            [cc("a")],
            [
                {
                    "node": "b",
                    "type": "branch",
                    "cases": [
                        case(inner),
                    ],
                },
                cc("z"),
            ],
        )
    )
    assert walked.within("f") == ()
    assert walked.within("a") == (("f", 0),)
    assert walked.within("y") == (("f", 1), ("g", 1))
    assert walked.within("g/join") == walked.within("g") == walked.within("z") == (("f", 1),)
    assert walked.forks_of("x") == ("f", "g")
    assert (walked.branch_of("y", "f"), walked.branch_of("y", "g"), walked.branch_of("a", "g")) == (1, 1, None)
    assert walked.node("y")["next"] == "g/join"
    assert walked.node("g/join")["next"] == "z"
    assert walked.branch_rows("y") == [
        {"fork": "f", "branch": 1, "name": "f-1"},
        {"fork": "g", "branch": 1, "name": "g-1"},
    ]


def test_conditions_reach_into_branches_of_a_fork() -> None:
    outer = {"node": "b", "type": "branch", "cases": [case(fork("f", [cc("a")], []), when="true"), case()]}
    walked = program(outer)
    assert walked.node("a")["because"] == walked.node("f")["because"] == "true"
    assert "because" not in walked.node("b")


def approval(key: str, *rules: dict, **more) -> dict:
    return {"node": key, "type": "approval", "approvers": list(rules) or [{"manager": 1}], **more}


def test_an_approval_always_says_its_mode() -> None:
    walked = program(
        approval("a"),
        approval("b", {"role": "dba"}, {"managers_up_to": 3}),
        approval("c", {"managers_up_to": 3}, mode="all"),
        cc("d"),
    )
    assert [walked.node(key).get("mode") for key in "abcd"] == ["any", "sequence", "all", None]


def test_dedup_is_the_nodes_else_the_templates_else_none() -> None:
    chain = (approval("a"), approval("b", dedup="adjacent"), cc("c"))
    assert [program(*chain).node(key).get("dedup") for key in "abc"] == ["none", "adjacent", None]
    assert [program(*chain, dedup="all").node(key).get("dedup") for key in "abc"] == ["all", "adjacent", None]


def test_I09_a_program_of_an_earlier_release_loads() -> None:
    stored: dict[str, Any] = {
        "key": "t", "start": "a", "form": [],
        "nodes": {"a": {"type": "approval", "approvers": [{"manager": 1}], "name": "a", "next": None}},
    }  # fmt: skip
    walked = build(stored, 1, {"key": "t"})
    assert walked.node("a")["key"] == "a"
    assert walked.within("a") == ()
    assert (walked.node("a")["mode"], walked.node("a")["dedup"]) == ("any", "none")
    assert "mode" not in stored["nodes"]["a"]
