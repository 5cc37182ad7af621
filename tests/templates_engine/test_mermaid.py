"""The chain as a diagram."""

from django.utils import translation

from templates_engine.program.diagram import diagram


def cc(key: str, **more) -> dict:
    return {"node": key, "type": "cc", "to": [{"applicant": True}], **more}


def lines(*chain: dict) -> list[str]:
    with translation.override("en"):
        return [line.strip() for line in diagram({"key": "t", "form": [], "chain": list(chain)}).splitlines()]


def test_branches_of_a_fork_meet_in_a_dot() -> None:
    branches = [{"name": {"zh": "左", "en": "Left"}, "chain": [cc("a")]}, {"chain": []}]
    drawn = lines({"node": "p", "type": "parallel", "name": "Both", "branches": branches}, cc("z"))
    assert 'n_p{{"Both"}}' in drawn
    assert "n_p_jjoin((＋))" in drawn
    arrows = {line for line in drawn if "-->" in line}
    assert arrows == {
        "start --> n_p", 'n_p -->|"Left"| n_a', "n_p --> n_p_jjoin", "n_a --> n_p_jjoin",
        "n_p_jjoin --> n_z", "n_z --> finish",
    }  # fmt: skip


def test_every_node_type_has_its_shape() -> None:
    drawn = lines(
        {"node": "s", "type": "subticket", "template": "x"},
        {"node": "h", "type": "webhook", "url": "https://example.com"},
        {"node": "w", "type": "wait", "for": "1h"},
        cc("c"),
    )
    assert [line for line in drawn if "-->" not in line][3:] == ['n_s[/"s"/]', 'n_h>"h"]', 'n_w("w")', 'n_c(["c"])']


def test_keys_never_meet() -> None:
    drawn = lines(cc("a_b"), cc("a-b"), cc("a--b"), cc("a__b"), cc("a_-b"), cc("a-_b"))
    assert len({line.split("([")[0] for line in drawn if "([" in line}) == 6


def test_names_are_text_and_never_markup() -> None:
    drawn = lines(cc("a", name='"]-->x<script>'))
    assert 'n_a(["&quot;]--&gt;x&lt;script&gt;"])' in drawn
