"""The errcodes of this sandbox, and the form of error responses."""

import secrets
from typing import Any

MESSAGES = {
    -1: "system busy",
    0: "ok",
    40001: "invalid credential",
    40004: "invalid media type",
    40005: "invalid type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40029: "invalid code",
    40032: "invalid touser list size",
    40033: "invalid unicode escape",
    40056: "invalid agentid",
    40063: "some parameters are empty",
    40068: "invalid tagid",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "corpsecret missing",
    41006: "media_id missing",
    41011: "agentid missing",
    42001: "access_token expired",
    42003: "oauth_code expired",
    42014: "invalid task_id",
    42015: "task card belongs to another app",
    42018: "invalid key",
    42019: "missing key",
    42020: "missing button name",
    42022: "code has been used",
    42027: "missing keyname",
    42028: "missing url",
    42029: "missing media_id",
    42030: "missing appid",
    42031: "invalid card_type",
    42033: "missing title",
    42035: "invalid length of horizontal_content_list",
    42036: "invalid length of vertical_content_list",
    42037: "invalid length of option_list",
    42038: "invalid button text",
    42039: "invalid button key",
    42040: "invalid option id",
    42041: "invalid option text",
    42042: "invalid length of jump_list",
    42043: "invalid question_key",
    42044: "invalid card_image url",
    42045: "invalid card_action",
    42046: "invalid submit_button key",
    42047: "invalid length of select_list",
    42049: "invalid submit_button text",
    42050: "missing userid",
    42051: "action key conflict",
    42052: "msgid too old to recall",
    43001: "require GET method",
    43002: "require POST method",
    43012: "callback url not configured",
    44001: "empty media data",
    44004: "text content is empty",
    45001: "media file is too large",
    45002: "content size out of limit",
    45009: "api freq out of limit",
    45034: "url without scheme",
    48002: "api forbidden",
    48009: "api forbidden for contact sync secret",
    50100: "invalid cursor",
    50001: "redirect_url domain is not allowed",
    60003: "department not found",
    60011: "no privilege to access",
    60021: "user is not in the visible range",
    60111: "userid not found",
    81013: "user & party & tag all invalid",
    82001: "all of touser, toparty, totag are empty",
    82002: "invalid toparty list size",
    82003: "invalid totag list size",
    84014: "user_ticket expired",
    84015: "user_ticket invalid",
    93000: "invalid webhook key",
    301002: "agentid does not belong to this access_token",
}

# WeCom does not document its errcode for a response_code that is used, expired or unknown.
RESPONSE_CODE_REFUSED = 42022


class ApiError(Exception):
    """An API error. `detail` names the field, if that helps a developer."""

    def __init__(self, errcode: int, detail: str = "") -> None:
        super().__init__(errcode, detail)
        self.errcode = errcode
        self.detail = detail


def error_answer(errcode: int, detail: str, ip: str) -> dict[str, Any]:
    """The JSON of an error, with the hint that the platform appends."""
    message = MESSAGES.get(errcode, "error")
    if detail:
        message = f"{message}: {detail}"
    hint = secrets.randbelow(10**18)
    tail = f"https://open.work.weixin.qq.com/devtool/query?e={errcode}"
    errmsg = f"{message}, hint: [{hint:018d}], from ip: {ip}, more info at {tail}"
    return {"errcode": errcode, "errmsg": errmsg}
