"""Templates over HTTP: bodies, parameters and lists that do not fit are reported (A02, A37)."""

import pytest

from templates_engine.models import TemplateVersion
from tests.api.calls import Api, codes
from tests.factories import approval, document, template
from tests.statements import counted

pytestmark = pytest.mark.usefixtures("world")
CHAIN = [approval("a", {"manager": 1})]
YAML = "application/yaml"


def send(path: str, text: str | bytes = "", content_type: str = YAML):
    return Api("admin").client.generic("POST", f"/api/v1/templates/{path}", text, content_type=content_type)


@pytest.mark.parametrize("content_type", [YAML, "text/yaml", "application/json", "text/plain", ""])
def test_an_empty_body_is_no_document(content_type) -> None:
    answer = send("check", "", content_type)
    assert answer.status_code == 200
    assert (answer.json()["ok"], [row["code"] for row in answer.json()["errors"]]) == (False, ["wrong_type"])
    answer = send("import", "", content_type)
    assert (answer.status_code, answer.json()["code"]) == (422, "template_refused")
    assert codes(answer) == {("", "wrong_type")}


@pytest.mark.parametrize("text", ['form: []\n"\\0": 1', 'name: "\\0"', 'name: {zh: "\\x01"}', 'name: ["\\e"]'])
def test_what_cannot_be_stored_is_named_by_both(text) -> None:
    said = send("check", text).json()["errors"]
    assert [row["code"] for row in said] == ["control_characters"]
    assert send("import", text).json()["errors"] == said


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 30, "0", "-1", "1.0", "٣", "²", "x", ""])
@pytest.mark.parametrize("path", ["export?version=", "diff?from=", "diff?to="])
def test_A37_versions_that_are_none(path, number) -> None:
    answer = Api("admin").client.get(f"/api/v1/templates/leave/{path}{number}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestPublishing:
    """A version is named in the query or in the body."""

    @pytest.fixture(autouse=True)
    def two(self, world) -> None:
        template(CHAIN, description="1")
        template(CHAIN, description="2")

    @staticmethod
    def current() -> int:
        return TemplateVersion.objects.get(template__key="t", state="published").number

    @pytest.mark.parametrize(("query", "body"), [("", {"version": 1}), ("?version=1", {}), ("?version=1", None)])
    def test_this_version(self, query, body) -> None:
        answer = Api("admin").send("POST", f"templates/t/publish{query}", body)
        assert (answer.status_code, answer.json()["version"], self.current()) == (200, 1, 1)

    @pytest.mark.parametrize("body", [{}, None])
    def test_the_newest_without_one(self, body) -> None:
        Api("admin").post("templates/t/publish", {"version": 1})
        assert Api("admin").send("POST", "templates/t/publish", body).json()["version"] == 2
        assert self.current() == 2

    @pytest.mark.parametrize(
        ("query", "body", "status"),
        [
            ("?version=0", {}, 404),
            ("?version=99", {}, 404),
            ("?version=" + "9" * 5000, {}, 404),
            ("", {"version": 0}, 404),
            ("", {"version": -1}, 404),
            ("", {"version": 10**30}, 404),
            ("", {"version": "x"}, 422),
            ("", {"version": None}, 422),
            ("", {"version": True}, 422),
            ("", {"x": 1}, 400),
            ("", [], 422),
            ("", "5", 422),
        ],
    )
    def test_A02_what_is_not_understood_publishes_nothing(self, query, body, status) -> None:
        Api("admin").post("templates/t/publish", {"version": 1})
        assert Api("admin").post(f"templates/t/publish{query}", body).status_code == status
        assert self.current() == 1


@pytest.mark.parametrize(("asked", "published"), [("true", True), ("1", True), ("yes", True), ("false", False)])
def test_importing_with_or_without_publishing(asked, published) -> None:
    answer = send(f"import?publish={asked}", document(CHAIN, key="asked"))
    assert (answer.status_code, answer.json()["published"]) == (201, published)


@pytest.mark.parametrize("asked", ["zz", "", "2", "null"])
def test_a_flag_that_is_none_imports_nothing(asked) -> None:
    answer = send(f"import?publish={asked}", document(CHAIN, key="asked"))
    assert (answer.status_code, {path for path, _code in codes(answer)}) == (422, {"publish"})
    assert not TemplateVersion.objects.filter(template__key="asked").exists()


def test_the_gallery_shows_each_template_as_it_is_shown_alone() -> None:
    api = Api("alice")
    rows = api.get("templates").json()["results"]
    assert {"leave", "service-restart"} <= {row["key"] for row in rows}
    for row in rows:
        alone = api.get(f"templates/{row['key']}").json()
        assert row == {key: alone[key] for key in alone if key not in ("schema", "rating")}
        assert row["chain"]
    with counted() as found:
        api.get("templates")
    assert len(found) == 3


def test_the_gallery_by_parts() -> None:
    first = Api("alice").get("templates", limit=1).json()
    assert len(first["results"]) == 1
    assert Api("alice").get("templates", limit=1, cursor=first["next"]).json()["results"] != first["results"]
