"""Templates that open tickets of other templates: what the check refuses (I12)."""

from typing import Any

import pytest

from templates_engine.models import TemplateVersion
from templates_engine.nodes.family import MAX_DEPTH
from templates_engine.store.commands import check
from templates_engine.text import localize
from tests.api.calls import Api
from tests.factories import approval, document, template

pytestmark = pytest.mark.usefixtures("world")


def sub(key: str, **more) -> dict:
    return {"node": f"open-{key}", "type": "subticket", "template": key, **more}


def findings(chain, form=None, key="t") -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in check(document(chain, form, key=key)).errors]


def test_the_template_must_be_published() -> None:
    assert findings([sub("child")]) == [("unknown_template", "chain[0].template")]
    published = template([approval("a", {"manager": 1})], key="child")
    assert findings([sub("child")]) == []
    TemplateVersion.objects.filter(pk=published.pk).update(state="retired")
    assert findings([sub("child")]) == [("unknown_template", "chain[0].template")]


def test_a_close_name_is_suggested() -> None:
    (finding,) = check(document([sub("leav")], key="t")).errors
    assert localize(finding.suggestion, "en") == "Did you mean leave?"


def test_a_circle_is_refused_wherever_it_closes() -> None:
    template([approval("a", {"manager": 1})], key="a")
    template([sub("a")], key="b")
    fork = {"node": "p", "type": "parallel", "branches": [{"chain": []}, {"chain": [sub("b")]}]}
    template([fork], key="c")
    (finding,) = check(document([sub("c")], key="a")).errors
    assert (finding.code, finding.path) == ("subticket_cycle", "chain[0].template")
    assert "a → c → b → a" in finding.message["en"]
    assert findings([sub("c")], key="d") == []


def test_what_the_template_itself_said_before_does_not_count() -> None:
    template([approval("a", {"manager": 1})], key="a")
    template([sub("a")], key="b")
    template([approval("x", {"manager": 1})], key="b")
    assert findings([sub("b")], key="a") == []


def test_depth_counts_below_and_above() -> None:
    template([approval("a", {"manager": 1})], key="d0")
    for level in range(1, MAX_DEPTH + 1):
        template([sub(f"d{level - 1}")], key=f"d{level}")
    assert findings([sub(f"d{MAX_DEPTH}")]) == [("subticket_depth", "chain[0].template")]
    template([approval("a", {"manager": 1})], key="low")
    assert findings([sub("low")], key="d0") == [("subticket_depth", "chain[0].template")]
    assert findings([sub("low")], key="d1") == []  # d1 opens no d0 any more


FIELDS: list[dict[str, Any]] = [
    {"key": "word", "type": "text", "label": "W", "required": True},
    {"key": "more", "type": "text", "label": "M", "required": True, "default": "x"},
    {"key": "shown", "type": "text", "label": "S", "required": True, "visible_when": "form.word == 'a'"},
    {"key": "n", "type": "number", "label": "N"},
    {"key": "d", "type": "number", "precision": 1, "label": "D"},
    {"key": "day", "type": "date", "label": "D"},
    {"key": "list", "type": "hosts", "label": "L"},
    {"key": "on", "type": "switch", "label": "O"},
]


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"word": "ticket.title"}, []),
        ({"word": "1"}, ["wrong_expression_type"]),
        ({"word": 1}, ["wrong_type"]),
        ({}, ["missing_child_field"]),
        ({"word": "form.title", "n": 3, "d": 3, "on": True}, ["unknown_field"]),
        ({"word": "'a'", "n": "1.5"}, ["wrong_expression_type"]),
        ({"word": "'a'", "d": "1"}, []),
        ({"word": "'a'", "d": "1.5"}, []),
        ({"word": "'a'", "day": "'2026-01-01'"}, []),
        ({"word": "'a'", "day": "timestamp('2026-01-01T00:00:00Z')"}, []),
        ({"word": "'a'", "day": "1"}, ["wrong_expression_type"]),
        ({"word": "'a'", "list": "applicant.roles"}, []),
        ({"word": "'a'", "list": "applicant.username"}, ["wrong_expression_type"]),
        ({"word": "'a'", "list": ["a", "a"]}, ["repeated_item"]),
        ({"word": "'a'", "on": "1 > 0"}, []),
        ({"word": "'a'", "nope": "1"}, ["unknown_key"]),
    ],
)
def test_values_for_the_childs_form(given, codes) -> None:
    template([approval("a", {"manager": 1})], FIELDS, key="child")
    assert [code for code, _path in findings([sub("child", form=given)])] == codes


def test_a_child_of_a_template_without_form() -> None:
    template([approval("a", {"manager": 1})], key="child")
    assert findings([sub("child", form={"x": 1})]) == [("unknown_key", "chain[0].form.x")]


def test_nobody_chooses_people_for_a_child() -> None:
    pick = approval("pick", {"chosen_by": "applicant"})
    template([{"node": "p", "type": "parallel", "branches": [{"chain": []}, {"chain": [pick]}]}], key="child")
    assert findings([sub("child")]) == [("child_needs_choice", "chain[0].template")]


def test_templates_are_asked_for_only_where_somebody_opens_one(django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(12) as counted:
        assert findings([approval("a", {"manager": 1})]) == []
    plain = len(counted)
    with django_assert_max_num_queries(plain + 1):
        check(document([sub("leave"), {**sub("leave"), "node": "again"}], key="t"))


class TestParents:
    """What a new version of a child means for the templates on offer that open it."""

    PARENT = [approval("a", {"manager": 1}), sub("kid", form={"t": "form.words"})]
    WORDS = [{"key": "words", "type": "text", "label": "W"}]
    KID = [{"key": "t", "type": "text", "label": "T"}]

    @pytest.fixture(autouse=True)
    def family(self, world) -> None:
        template([approval("a", {"manager": 1})], self.KID, key="kid", visible_to=[{"user": "alice"}])
        template(self.PARENT, self.WORDS, key="mum", visible_to=[{"user": "alice"}])

    @staticmethod
    def warned(form, **parts) -> list[tuple[str, str, str]]:
        text = document([approval("a", {"manager": 1})], form, key="kid", visible_to=[{"user": "alice"}], **parts)
        checked = check(text)
        assert checked.errors == []
        return [(found.code, found.path, found.message["en"]) for found in checked.warnings]

    @pytest.mark.parametrize(
        ("form", "place"),
        [
            ([*KID, {"key": "u", "type": "text", "label": "U", "required": True}], "chain[1].form.u"),
            ([{"key": "t", "type": "number", "label": "T"}], "chain[1].form.t"),
            ([], "chain[1].form.t"),
        ],
        ids=["a new required field", "another type", "a field taken out"],
    )
    def test_that_do_not_fit_any_more_are_named(self, form, place) -> None:
        ((code, path, message),) = self.warned(form)
        assert (code, path) == ("breaks_parent", "form")
        assert "mum" in message
        assert place in message

    @pytest.mark.parametrize(
        "form",
        [KID, [*KID, {"key": "u", "type": "text", "label": "U"}],
         [*KID, {"key": "u", "type": "text", "label": "U", "required": True, "default": "x"}]],
        ids=["the same", "an optional field", "a default"],
    )  # fmt: skip
    def test_that_still_fit_are_not(self, form) -> None:
        assert self.warned(form) == []

    def test_that_are_not_on_offer_are_not(self) -> None:
        TemplateVersion.objects.filter(template__key="mum").update(state="retired")
        assert self.warned([]) == []

    def test_publishing_says_so_too(self) -> None:
        text = document([approval("a", {"manager": 1})], [], key="kid", visible_to=[{"user": "alice"}])
        for publish in ("false", "true"):
            answer = Api("admin").client.post(
                f"/api/v1/templates/import?publish={publish}", text, content_type="application/yaml"
            )
            assert [row["code"] for row in answer.json()["warnings"]] == ["breaks_parent"]
