"""What a member has chosen on a card when the button is pressed."""

from typing import Any

from sandbox.wecom.cards.fields import items, obj, string

Chosen = dict[str, list[str]]


def chosen_on(card: dict[str, Any], selected: Chosen) -> Chosen:
    """Question → option ids: the card's own preselection, overruled by what the member picked."""
    return {**preselected(card), **picked(card, selected)}


def drop_downs(card: dict[str, Any]) -> list[dict[str, Any]]:
    single = [obj(card, "button_selection")] if obj(card, "button_selection") else []
    return single + items(card, "select_list")


def preselected(card: dict[str, Any]) -> Chosen:
    """A drop-down begins with its named or first option, a check box with the ticked ones."""
    chosen = {}
    for selector in drop_downs(card):
        first = [string(option, "id") for option in items(selector, "option_list")[:1]]
        named = string(selector, "selected_id")
        chosen[string(selector, "question_key")] = [named] if named else first
    box = obj(card, "checkbox")
    if box:
        ticked = [string(o, "id") for o in items(box, "option_list") if o.get("is_checked") is True]
        chosen[string(box, "question_key")] = ticked
    return chosen


def picked(card: dict[str, Any], selected: Chosen) -> Chosen:
    """A phone sends only options that are on the card, and one where only one can be chosen."""
    choices = {}
    box = obj(card, "checkbox")
    for selector in [*drop_downs(card), *([box] if box else [])]:
        question = string(selector, "question_key")
        if question not in selected or selector.get("disable") is True:
            continue
        options = {string(option, "id") for option in items(selector, "option_list")}
        known = [option for option in selected[question] if option in options]
        choices[question] = known if selector is box and box.get("mode") == 1 else known[:1]
    return choices
