"""A member's selections on a card when a button is pressed."""

from typing import Any

from sandbox.wecom.cards.fields import items, obj, string

Chosen = dict[str, list[str]]


def chosen_on(card: dict[str, Any], selected: Chosen) -> Chosen:
    """Question → option ids: the member's selections, else the card's preselection."""
    return {**preselected(card), **picked(card, selected)}


def drop_downs(card: dict[str, Any]) -> list[dict[str, Any]]:
    single = [obj(card, "button_selection")] if obj(card, "button_selection") else []
    return single + items(card, "select_list")


def preselected(card: dict[str, Any]) -> Chosen:
    """The initial selection: of a drop-down the named or first option, of a check box the ticked ones."""
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
    """The member's valid selections: only options on the card, and only one for single choices."""
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
