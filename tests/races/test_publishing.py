"""Parallel publishing: checks use the versions that are published at that moment (I12)."""

import pytest

from templates_engine.errors import TemplateRefused
from templates_engine.models import TemplateVersion
from templates_engine.store.commands import import_template, publish
from tests.factories import NOW, approval, document, template
from tests.races.crowd import lost, race, won

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("crew")]
LEAD = approval("lead", {"manager": 1})


def opens(other: str) -> list[dict]:
    return [LEAD, {"node": "child", "type": "subticket", "template": other}]


@pytest.mark.parametrize("door", ["import", "publish"])
def test_I12_two_templates_that_open_each_other_are_not_both_published(door) -> None:
    pairs = (("a", "b"), ("b", "a"))
    for key, _other in pairs:
        template([LEAD], key=key)
    texts = {key: document(opens(other), key=key) for key, other in pairs}
    for text in texts.values():
        import_template(text=text, actor=None, at=NOW, publish_it=False)

    def act(key: str):
        if door == "import":
            return import_template(text=texts[key], actor=None, at=NOW, publish_it=True)
        return publish(key=key, number=2, actor=None, at=NOW)

    outcomes = race([lambda key=key: act(key) for key, _other in pairs])
    assert len(won(outcomes)) == 1
    assert lost(outcomes) == [TemplateRefused.code]
    (refused,) = (outcome for outcome in outcomes if isinstance(outcome, TemplateRefused))
    assert [row["code"] for row in refused.errors or []] == ["subticket_cycle"]
    offered = TemplateVersion.objects.filter(template__key__in="ab", state="published")
    assert sorted(offered.values_list("number", flat=True)) == [1, 2]


def test_two_imports_of_one_template_are_two_versions() -> None:
    texts = [document([LEAD], key="same", description=str(i)) for i in range(6)]
    outcomes = race([
        lambda text=text: import_template(text=text, actor=None, at=NOW, publish_it=True) for text in texts
    ])  # fmt: skip
    assert sorted(stored.version.number for stored in outcomes) == [1, 2, 3, 4, 5, 6]
    assert TemplateVersion.objects.filter(template__key="same", state="published").count() == 1
