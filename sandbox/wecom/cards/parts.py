"""Checks of the parts that several card types share. Each raises ApiError with the documented errcode."""

from sandbox.wecom.cards.fields import (
    OPTION_ID_BYTES,
    Json,
    items,
    kind,
    numbered,
    obj,
    require_key,
    require_target,
    require_url,
    size,
    string,
)
from sandbox.wecom.errors import ApiError


def check_menu(card: Json) -> None:
    if not obj(card, "action_menu"):
        return
    actions = items(obj(card, "action_menu"), "action_list")
    if not 1 <= len(actions) <= 3:
        raise ApiError(42020, "action_menu.action_list takes 1 to 3")
    keys = set()
    for path, action in numbered(obj(card, "action_menu"), "action_list", "action_menu.action_list"):
        if not string(action, "text"):
            raise ApiError(42020, f"{path}.text")
        if not string(action, "key"):
            raise ApiError(42019, f"{path}.key")
        keys.add(require_key(action, path, 42018))
    if len(keys) != len(actions):
        raise ApiError(42051, "action_menu.action_list")


def check_quote(card: Json) -> None:
    require_target(obj(card, "quote_area"), "quote_area")


def check_rows(card: Json) -> None:
    if len(items(card, "horizontal_content_list")) > 6:
        raise ApiError(42035, "horizontal_content_list takes up to 6")
    for path, row in numbered(card, "horizontal_content_list", "horizontal_content_list"):
        if not string(row, "keyname"):
            raise ApiError(42027, f"{path}.keyname")
        if kind(row) == 1:
            require_url(row, path)
        if kind(row) == 2 and not string(row, "media_id"):
            raise ApiError(42029, f"{path}.media_id")
        if kind(row) == 3 and not string(row, "userid"):
            raise ApiError(42050, f"{path}.userid")


def check_vertical_rows(card: Json) -> None:
    if len(items(card, "vertical_content_list")) > 4:
        raise ApiError(42036, "vertical_content_list takes up to 4")
    for path, row in numbered(card, "vertical_content_list", "vertical_content_list"):
        if not string(row, "title"):
            raise ApiError(42033, f"{path}.title")


def check_jumps(card: Json) -> None:
    if len(items(card, "jump_list")) > 3:
        raise ApiError(42042, "jump_list takes up to 3")
    for path, jump in numbered(card, "jump_list", "jump_list"):
        if not string(jump, "title"):
            raise ApiError(42033, f"{path}.title")
        require_target(jump, path)


def check_card_action(card: Json, *, required: bool) -> None:
    action = obj(card, "card_action")
    if required and kind(action) not in {1, 2}:
        raise ApiError(42045, "card_action.type must be 1 or 2")
    require_target(action, "card_action", missing_url=42045)


def check_options(selector: Json, path: str, most: int) -> None:
    options = items(selector, "option_list")
    if not 1 <= len(options) <= most:
        raise ApiError(42037, f"{path}.option_list takes 1 to {most}")
    ids = set()
    for option_path, option in numbered(selector, "option_list", f"{path}.option_list"):
        option_id = string(option, "id")
        if not option_id or size(option_id) > OPTION_ID_BYTES or option_id in ids:
            raise ApiError(42040, f"{option_path}.id")
        if not string(option, "text"):
            raise ApiError(42041, f"{option_path}.text")
        ids.add(option_id)


def check_selector(selector: Json, path: str, most: int) -> str:
    """Returns the question_key."""
    key = require_key(selector, path, 42043, "question_key")
    check_options(selector, path, most)
    return key


def check_buttons(card: Json) -> None:
    buttons = items(card, "button_list")
    if not 1 <= len(buttons) <= 6:
        raise ApiError(42020, "button_list takes 1 to 6")
    keys = set()
    for path, button in numbered(card, "button_list", "button_list"):
        if not string(button, "text"):
            raise ApiError(42038, f"{path}.text")
        if kind(button) == 1:
            require_url(button, path)
            continue
        key = require_key(button, path, 42039)
        if key in keys:
            raise ApiError(42051, f"{path}.key")
        keys.add(key)


def check_submit(card: Json) -> None:
    button = obj(card, "submit_button")
    if "text" in button and not string(button, "text"):
        raise ApiError(42049, "submit_button.text")
    require_key(button, "submit_button", 42046)


def check_picture(card: Json) -> None:
    """news_notice: a picture, or a picture beside a text."""
    if obj(card, "card_image"):
        require_url(obj(card, "card_image"), "card_image", 42044)
    elif obj(card, "image_text_area"):
        area = obj(card, "image_text_area")
        require_url(area, "image_text_area", 42044, "image_url")
        require_target(area, "image_text_area")
    else:
        raise ApiError(42044, "card_image or image_text_area")
