"""Rules for alarms: made by administrators only, checked when saved, compared with the trail (A32, I03, I25)."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AdminEvent
from accounts.trail.acts import SYSTEM
from automation.models import HostGroup, ShellWord
from automation.shells.alarms.rules import change_word, is_sound, remove_word
from automation.shells.alarms.witness import breaks
from templates_engine.models import TemplateVersion
from tests.api.calls import Api, codes
from tests.automation.shells.props import FORM, rule

pytestmark = pytest.mark.django_db
WHOLE: dict[str, Any] = {
    "template": "incident",
    "applicant": "alice",
    "form": FORM,
    "tell": [{"role": "sre"}, {"user": "heidi"}],
}


def refused(**given) -> set[tuple[str, str]]:
    answer = Api("admin").post("shell/words", {"pattern": "useradd", **given})
    assert answer.status_code == 422, answer.content
    assert not ShellWord.objects.exists()
    return codes(answer)


def test_I25_a_rule_is_made_changed_and_removed_by_an_administrator_and_each_is_in_the_trail(admin, template) -> None:
    api = Api("admin")
    HostGroup.objects.create(name="web")
    made = api.post("shell/words", {"pattern": "useradd", "group": "web", **WHOLE})
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["pattern"], row["group"], row["applicant"], row["problem"]) == ("useradd", "web", "alice", "")
    path = f"shell/words/{row['id']}"
    assert api.send("PATCH", path, {"pattern": "userdel"}).json()["pattern"] == "userdel"
    assert api.get(path).json()["pattern"] == "userdel"
    assert api.send("DELETE", path).status_code == 204
    assert api.get(path).status_code == 404
    acts = AdminEvent.objects.filter(about=f"shell_word:{row['id']}").order_by("seq")
    assert list(acts.values_list("kind", "actor__username")) == [
        ("shell_word.added", "admin"), ("shell_word.changed", "admin"), ("shell_word.removed", "admin"),
    ]  # fmt: skip
    assert acts[1].data["before"] == {"pattern": "useradd"}


def test_I03_an_operator_reads_rules_and_makes_none_for_they_act_in_other_peoples_names(admin, template) -> None:
    word = rule(admin)
    api = Api("erin")
    assert api.get("shell/words").json()["results"][0]["id"] == word.pk
    assert api.post("shell/words", {"pattern": "useradd"}).status_code == 403
    assert api.send("PATCH", f"shell/words/{word.pk}", {"is_active": False}).status_code == 403
    assert api.send("DELETE", f"shell/words/{word.pk}").status_code == 403
    assert ShellWord.objects.filter(is_active=True).count() == 1


def test_what_is_wrong_with_a_rule_is_said_with_its_place(admin, template, people) -> None:
    assert refused(pattern="x") == refused(pattern="\u202eab") == {("pattern", "bad_words")}
    assert refused(group="nowhere") == {("group", "unknown_group")}
    assert refused(tell=[{"user": "nobody"}]) == {("tell[0].user", "unknown_user")}
    assert refused(tell=[{"department": "dev"}]) == {("tell[0]", "bad_people")}
    assert refused(applicant="alice") == {("applicant", "without_template")}
    assert refused(template="incident") == {("applicant", "required")}
    assert refused(template="incident", applicant="nobody") == {("applicant", "unknown_user")}
    assert refused(template="nothing", applicant="alice") == {("template", "no_such_template")}
    people["alice"].is_active = False
    people["alice"].save()
    assert refused(**WHOLE) == {("applicant", "inactive_user")}


def test_the_form_of_its_ticket_is_judged_when_the_rule_is_saved(admin, template) -> None:
    def form(**changes) -> set[tuple[str, str]]:
        return refused(**WHOLE | {"form": {k: v for k, v in (FORM | changes).items() if v is not None}})

    assert form(kind=None) == {("form.kind", "required")}
    assert form(gone={"value": "x"}) == {("form.gone", "unknown_form_key")}
    assert form(kind={"value": "middling"}) == {("form.kind", "not_an_option")}
    assert form(kind={"from": "command"}) == {("form.kind", "bad_source")}
    assert form(where={"from": "user"}) == {("form.where", "bad_source")}
    assert form(what={}) == {("form.what", "required")}
    assert form(what={"from": "password"}) == {("form.what.from", "invalid_choice")}


def test_a_rule_that_can_do_nothing_any_more_says_so_in_the_list(admin, template, people) -> None:
    word = rule(admin, **WHOLE)

    def problem() -> str:
        return Api("erin").get(f"shell/words/{word.pk}").json()["problem"]

    assert problem() == ""
    people["alice"].is_active = False
    people["alice"].save()
    assert problem() == "inactive_user"
    people["alice"].is_active = True
    people["alice"].save()
    TemplateVersion.objects.update(state="retired")
    assert problem() == "no_such_template"
    ShellWord.objects.update(template="", applicant=None, form={})
    assert problem() == ""
    for name in ("erin", "heidi"):
        people[name].is_active = False
        people[name].save()
    word.refresh_from_db()
    assert Api("admin").get(f"shell/words/{word.pk}").json()["problem"] == "nobody_told"


@pytest.mark.parametrize(
    "change",
    [
        {"pattern": "ls"}, {"applicant_id": None}, {"template": "other"}, {"form": {}}, {"tell": []},
        {"group_id": "web"}, {"is_active": False},
    ],
)  # fmt: skip
def test_A32_a_rule_that_was_changed_in_the_database_is_known(admin, template, change) -> None:
    word = rule(admin, **WHOLE)
    assert is_sound(word)
    web = HostGroup.objects.create(name="web")
    ShellWord.objects.update(**{key: web.pk if value == "web" else value for key, value in change.items()})
    word = ShellWord.objects.get()
    assert not is_sound(word)
    assert [found.what for found in breaks()] == ["changed_rule"]
    made = ShellWord.objects.create(pattern="useradd")
    assert not is_sound(made), "nor one that was put there"
    ShellWord.objects.all().delete()
    assert [found.what for found in breaks()] == ["lost_rule"]


def test_A32_saving_it_makes_it_an_administrators_again(admin) -> None:
    word = rule(admin)
    ShellWord.objects.update(pattern="ls")
    change_word(actor=admin, word_id=word.pk, changes={}, at=timezone.now(), origin=SYSTEM)
    assert is_sound(ShellWord.objects.get())
    remove_word(actor=admin, word_id=word.pk, at=timezone.now(), origin=SYSTEM)
    assert not is_sound(word)


def test_a_group_that_a_rule_looks_at_is_not_removed(admin) -> None:
    HostGroup.objects.create(name="web")
    rule(admin, group="web")
    answer = Api("admin").send("DELETE", "groups/web")
    assert (answer.status_code, answer.json()["code"]) == (409, "group_watched")
    Api("admin").send("PATCH", "groups/web", {"name": "edge"})
    word = ShellWord.objects.get()
    assert word.group.name == "edge"
    assert is_sound(word), "a group by another name is the same group"
