"""Validation of cards as on the platform, with one function per card type."""

import re

from sandbox.wecom.cards import parts
from sandbox.wecom.cards.fields import Json, items, numbered, obj, string
from sandbox.wecom.errors import ApiError

TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
BUTTON_CARDS = {"button_interaction", "vote_interaction", "multiple_interaction"}
DEFAULT_SUBMIT = "提交"


def is_callback_card(card: Json) -> bool:
    """Whether the card has buttons or a menu that call the application back."""
    return card.get("card_type") in BUTTON_CARDS or bool(obj(card, "action_menu"))


def check_card(card: Json) -> None:
    """Raise ApiError with the errcode of the first error. The caller checks whether the task_id is new."""
    check = CHECKS.get(string(card, "card_type"))
    if check is None:
        raise ApiError(42031, "template_card.card_type")
    check(card)
    if is_callback_card(card) and not TASK_ID.fullmatch(string(card, "task_id")):
        raise ApiError(42014, "task_id takes 1 to 128 of 0-9 A-Z a-z _ - @")


def require_title(card: Json) -> None:
    if not string(obj(card, "main_title"), "title"):
        raise ApiError(42033, "main_title.title")


def check_text_notice(card: Json) -> None:
    if not string(card, "sub_title_text"):
        require_title(card)
    check_notice(card)


def check_news_notice(card: Json) -> None:
    require_title(card)
    parts.check_picture(card)
    parts.check_vertical_rows(card)
    check_notice(card)


def check_notice(card: Json) -> None:
    parts.check_menu(card)
    parts.check_quote(card)
    parts.check_rows(card)
    parts.check_jumps(card)
    parts.check_card_action(card, required=True)


def check_button_interaction(card: Json) -> None:
    require_title(card)
    parts.check_menu(card)
    parts.check_quote(card)
    parts.check_rows(card)
    if obj(card, "button_selection"):
        parts.check_selector(obj(card, "button_selection"), "button_selection", 10)
    parts.check_buttons(card)
    parts.check_card_action(card, required=False)


def check_vote_interaction(card: Json) -> None:
    require_title(card)
    parts.check_selector(obj(card, "checkbox"), "checkbox", 20)
    parts.check_submit(card)


def check_multiple_interaction(card: Json) -> None:
    require_title(card)
    selectors = items(card, "select_list")
    if not 1 <= len(selectors) <= 3:
        raise ApiError(42047, "select_list takes 1 to 3")
    keys = {parts.check_selector(s, path, 10) for path, s in numbered(card, "select_list", "select_list")}
    if len(keys) != len(selectors):
        raise ApiError(42043, "select_list: question_key twice")
    parts.check_submit(card)


CHECKS = {
    "text_notice": check_text_notice,
    "news_notice": check_news_notice,
    "button_interaction": check_button_interaction,
    "vote_interaction": check_vote_interaction,
    "multiple_interaction": check_multiple_interaction,
}
