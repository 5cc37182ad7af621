"""message/send and message/recall."""

import hashlib
import json
from typing import Any
from urllib.parse import urlsplit

from sandbox.wecom import chats
from sandbox.wecom.api.call import Call
from sandbox.wecom.api.media import live_media
from sandbox.wecom.api.recipients import recipients_of
from sandbox.wecom.cards.check import check_card, is_callback_card
from sandbox.wecom.cards.fields import URL_BYTES, Json, items, obj, size, string
from sandbox.wecom.codes import issue_code
from sandbox.wecom.errors import ApiError
from sandbox.wecom.world import World

TEXT_BYTES = 2048
RECALL_WITHIN_S = 24 * 3600
DUPLICATE_DEFAULT_S, DUPLICATE_MAX_S = 1800, 14400


async def send(world: World, call: Call) -> dict[str, Any]:
    """Checks in this order: agent, recipients, msgtype, callback address, content, task_id, duplicate."""
    require_agent(world, call)
    found = recipients_of(world, call)
    msgtype = call.text("msgtype")
    prepare = CONTENT.get(msgtype)
    if prepare is None:
        raise ApiError(40008, "msgtype")
    content = prepare(world, obj(call.body, msgtype))
    task_id = content.get("task_id") if msgtype == "template_card" else None
    if task_id:
        require_new_task(world, task_id)
    earlier = earlier_answer(world, call)
    if earlier:
        call.facts["duplicate_of"] = earlier["msgid"]
        world.journal.write("swallowed", userid="|".join(found.userids), msgid=earlier["msgid"], msgtype=msgtype)
        return earlier
    msgid = chats.add_message(world, msgtype, content, found.userids)
    call.facts.update(msgid=msgid, recipients=found.userids)
    answer = {**found.invalid(), "msgid": msgid}
    if msgtype == "template_card" and is_callback_card(content):
        answer["response_code"] = issue_code(world, msgid, "send")
    if task_id:
        world.store.run("INSERT INTO task VALUES (?, ?)", task_id, msgid)
    remember_answer(world, call, answer)
    return answer


def require_agent(world: World, call: Call) -> None:
    value = call.body.get("agentid")
    if value is None or value == "":
        raise ApiError(41011)
    agent = call.text("agentid")
    if not agent.isdecimal():
        raise ApiError(40056)
    if agent != str(world.settings.agent_id):
        raise ApiError(301002)


def require_new_task(world: World, task_id: str) -> None:
    if world.store.one("SELECT 1 FROM task WHERE task_id = ?", task_id):
        raise ApiError(42014, "task_id was used before")


def clip(text: str, most: int) -> str:
    """The longest prefix of at most `most` bytes, without a cut character."""
    return text.encode()[:most].decode(errors="ignore")


def text_content(world: World, body: Json) -> Json:
    del world
    if not string(body, "content"):
        raise ApiError(44004)
    return {"content": clip(string(body, "content"), TEXT_BYTES)}


def markdown_content(world: World, body: Json) -> Json:
    del world
    if not string(body, "content"):
        raise ApiError(44004)
    if size(string(body, "content")) > TEXT_BYTES:
        raise ApiError(45002, "markdown.content")
    return {"content": string(body, "content")}


def textcard_content(world: World, body: Json) -> Json:
    del world
    for name in ("title", "description", "url"):
        if not string(body, name):
            raise ApiError(40063, f"textcard.{name}")
    url = string(body, "url")
    if not urlsplit(url).scheme or "://" not in url:
        raise ApiError(45034, "textcard.url")
    if size(url) > URL_BYTES:
        raise ApiError(45002, "textcard.url")
    return {
        "title": string(body, "title")[:128],
        "description": string(body, "description")[:512],
        "url": url,
        "btntxt": string(body, "btntxt")[:4] or "详情",
    }


def file_content(world: World, body: Json) -> Json:
    media = live_media(world, string(body, "media_id"))
    return {"media_id": media["media_id"], "filename": media["filename"], "size": len(media["content"])}


def card_content(world: World, body: Json) -> Json:
    if is_callback_card(body) and not world.settings.callback_url:
        raise ApiError(43012)
    check_card(body)
    for row in items(body, "horizontal_content_list"):
        if row.get("type") == 2:
            live_media(world, string(row, "media_id"))
    return body


CONTENT = {
    "text": text_content,
    "markdown": markdown_content,
    "textcard": textcard_content,
    "file": file_content,
    "template_card": card_content,
}


def fingerprint(call: Call) -> str:
    """A hash of recipients and content; requests that differ only in other fields count as the same message."""
    names = ("touser", "toparty", "totag", "msgtype", call.text("msgtype"))
    return hashlib.sha256(json.dumps([call.body.get(name) for name in names], sort_keys=True).encode()).hexdigest()


def duplicate_window_s(call: Call) -> float:
    """0 when the caller did not ask for the check."""
    if call.body.get("enable_duplicate_check") != 1:
        return 0
    seconds = call.body.get("duplicate_check_interval", DUPLICATE_DEFAULT_S)
    return min(seconds, DUPLICATE_MAX_S) if isinstance(seconds, int) else DUPLICATE_DEFAULT_S


def earlier_answer(world: World, call: Call) -> dict[str, Any] | None:
    """The answer to an identical request in the window, None if there was none; the repeat is not delivered."""
    row = world.store.one(
        "SELECT answer FROM fingerprint WHERE digest = ? AND sent_at > ?",
        fingerprint(call), world.now() - duplicate_window_s(call),
    )  # fmt: skip
    return json.loads(row["answer"]) if row and duplicate_window_s(call) else None


def remember_answer(world: World, call: Call, answer: dict[str, Any]) -> None:
    """Store the answer of each message, as a later request may ask for the duplicate check."""
    world.store.run(
        "INSERT OR REPLACE INTO fingerprint VALUES (?, ?, ?)", fingerprint(call), json.dumps(answer), world.now()
    )


async def recall(world: World, call: Call) -> dict[str, Any]:
    row = world.store.one("SELECT sent_at FROM message WHERE msgid = ?", call.text("msgid"))
    if row is None:
        raise ApiError(40063, "msgid")
    if world.now() - row["sent_at"] > RECALL_WITHIN_S:
        raise ApiError(42052)
    world.store.run("UPDATE copy SET recalled = 1 WHERE msgid = ?", call.text("msgid"))
    world.changed()
    call.facts["msgid"] = call.text("msgid")
    return {}
