"""Rules for alarms. Only administrators manage them, because rules open tickets in other people's names."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.trail.acts import Kind, Origin, newest, record
from automation.errors import NoSuchWord
from automation.models import HostGroup
from automation.models.shell_alarm import ShellWord
from automation.shells.alarms.rule_check import faults
from common.errors import Problem, finding
from tickets.errors import Invalid, NotAllowed

MOST_RULES = 200


def require_administrator(actor: User) -> None:
    """Raises NotAllowed unless the actor is an administrator."""
    if not actor.is_admin:
        raise NotAllowed


def values_of(word: ShellWord) -> dict[str, Any]:
    """The rule's values, named as in the trail and the API."""
    return {
        "pattern": word.pattern,
        "group": word.group.name if word.group else None,
        "template": word.template,
        "applicant": word.applicant.username if word.applicant else None,
        "form": word.form,
        "tell": word.tell,
        "is_active": word.is_active,
    }


@transaction.atomic
def add_word(*, actor: User, given: dict[str, Any], at: datetime, origin: Origin) -> ShellWord:
    """Add a rule for lines that arrive from now on. Raises NotAllowed, Invalid."""
    require_administrator(actor)
    word = ShellWord()
    _fill(word, given)
    if ShellWord.objects.count() >= MOST_RULES:
        message = _("There are %(limit)s rules already. Remove one first.") % {"limit": MOST_RULES}
        raise Invalid([finding("pattern", "too_many_rules", message)])
    word.save(force_insert=True)
    record(Kind.SHELL_WORD_ADDED, actor=actor, origin=origin, at=at, about=word.about, data=_data(word))
    return word


@transaction.atomic
def change_word(*, actor: User, word_id: int, changes: dict[str, Any], at: datetime, origin: Origin) -> ShellWord:
    """Change a rule. Raises NotAllowed, NoSuchWord, Invalid."""
    require_administrator(actor)
    word = locked(word_id)
    before = values_of(word)
    _fill(word, changes)
    after = values_of(word)
    differing = {key: value for key, value in before.items() if after[key] != value}
    if differing or not is_sound(word):
        word.save()
        data = _data(word) | {"before": differing}
        record(Kind.SHELL_WORD_CHANGED, actor=actor, origin=origin, at=at, about=word.about, data=data)
    return word


@transaction.atomic
def remove_word(*, actor: User, word_id: int, at: datetime, origin: Origin) -> None:
    """Remove a rule; its alarms stay. Raises NotAllowed, NoSuchWord."""
    require_administrator(actor)
    word = locked(word_id)
    record(Kind.SHELL_WORD_REMOVED, actor=actor, origin=origin, at=at, about=word.about, data=_data(word))
    word.delete()


def is_sound(word: ShellWord) -> bool:
    """Whether an administrator made the rule as it is: database access alone must not open tickets (A32)."""
    act = newest(word.about)
    if act is None or act.kind == Kind.SHELL_WORD_REMOVED:
        return False
    now = _data(word)
    return all(act.data.get(key) == value for key, value in now.items() if key != "group")  # a group may be renamed


def locked(word_id: int) -> ShellWord:
    """This rule, locked. Raises NoSuchWord."""
    rows = ShellWord.objects.select_for_update(of=("self",)).select_related("group", "applicant")
    word = rows.filter(pk=word_id).first()
    if word is None:
        raise NoSuchWord
    return word


def _data(word: ShellWord) -> dict[str, Any]:
    return values_of(word) | {"group_id": word.group_id}


def _fill(word: ShellWord, given: dict[str, Any]) -> None:
    """Set these values. Raises Invalid."""
    wrong: list[Problem] = []
    for key, value in given.items():
        if key == "group":
            word.group = HostGroup.objects.filter(name=value).first() if value else None
            if value and word.group is None:
                wrong.append(finding("group", "unknown_group", _("There is no group of this name.")))
        elif key == "applicant":
            word.applicant = User.objects.filter(username=value).first() if value else None
            if value and word.applicant is None:
                wrong.append(finding("applicant", "unknown_user", _("There is nobody of this name.")))
        else:
            setattr(word, key, value)
    if wrong or (wrong := faults(word)):
        raise Invalid(wrong)
