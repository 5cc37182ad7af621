"""Button presses: send the event, read the reply, change the card."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from sandbox.wecom import chats
from sandbox.wecom.callbacks.events import CardEvent, event_xml
from sandbox.wecom.callbacks.replies import Reply, ReplyError, check_reply_card, open_reply
from sandbox.wecom.callbacks.sender import Delivered, deliver
from sandbox.wecom.cards.fields import items, kind, obj, string
from sandbox.wecom.choices import chosen_on
from sandbox.wecom.codes import issue_code
from sandbox.wecom.world import World


class NotPressableError(Exception):
    """The card or button does not exist, or the button is grey; the text says which."""


@dataclass(frozen=True)
class Pressed:
    """`ok`: a valid reply came and was shown. `attempts`: number of attempted deliveries."""

    ok: bool
    attempts: int
    error: str | None


async def press(world: World, userid: str, msgid: str, key: str, selected: dict[str, list[str]]) -> Pressed:
    """Press a button and wait for the end of the callback. Raises NotPressableError."""
    event = find_button(world, userid, msgid, key, selected)
    world.journal.write("press", userid=userid, msgid=msgid, key=key, selected=event.selected)
    world.pressing[msgid, userid] = key
    chats.mark_press(world, event, msgid, None)
    try:
        result = await send_event(world, msgid, event)
    finally:
        world.pressing.pop((msgid, userid), None)
        world.changed()
    if result.error:
        chats.mark_press(world, event, msgid, result.error)
    return result


def find_button(world: World, userid: str, msgid: str, key: str, selected: dict[str, list[str]]) -> CardEvent:
    row = chats.copy_of(world, userid, msgid)
    if row is None or row["msgtype"] != "template_card" or row["recalled"]:
        raise NotPressableError("no such card in this chat")
    card: dict[str, Any] = json.loads(row["content"])
    from_menu = key in {string(a, "key") for a in items(obj(card, "action_menu"), "action_list")}
    if not from_menu:
        if row["replace_text"] is not None:
            raise NotPressableError("the button is grey")
        if key not in button_keys(card):
            raise NotPressableError("no such button on this card")
    return CardEvent(
        event="template_card_menu_event" if from_menu else "template_card_event",
        userid=row["userid"],
        key=key,
        task_id=string(card, "task_id"),
        card_type=string(card, "card_type"),
        response_code=issue_code(world, msgid, "click", row["userid"]),
        created_at=int(world.now()),
        selected={} if from_menu else chosen_on(card, selected),
    )


def button_keys(card: dict[str, Any]) -> set[str]:
    keys = {string(b, "key") for b in items(card, "button_list") if kind(b) == 0}
    return (keys | {string(obj(card, "submit_button"), "key")}) - {""}


async def send_event(world: World, msgid: str, event: CardEvent) -> Pressed:
    switches = world.faults.callbacks
    if switches.drop > 0:
        switches.drop -= 1
        return Pressed(False, 0, "dropped")
    if switches.hold:
        world.held.append((msgid, event))
        return Pressed(False, 0, "held")
    if switches.late_s:
        world.keep(deliver_late(world, msgid, event, switches.late_s))
        return Pressed(False, 0, "late")
    if switches.duplicate > 0:
        switches.duplicate -= 1
        return await send_twice(world, msgid, event, parallel=switches.parallel)
    return await send_once(world, msgid, event)


async def send_twice(world: World, msgid: str, event: CardEvent, *, parallel: bool) -> Pressed:
    if parallel:
        first, _ = await asyncio.gather(send_once(world, msgid, event), send_once(world, msgid, event))
        return first
    first = await send_once(world, msgid, event)
    await send_once(world, msgid, event)
    return first


async def deliver_late(world: World, msgid: str, event: CardEvent, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await send_once(world, msgid, event)


async def release_held(world: World, *, newest_first: bool) -> list[Pressed]:
    """Deliver the events that `hold` kept, one after the other."""
    held, world.held = world.held, []
    order = reversed(held) if newest_first else held
    return [await send_once(world, msgid, event) for msgid, event in order]


async def send_once(world: World, msgid: str, event: CardEvent) -> Pressed:
    settings = world.settings
    xml = event_xml(event, settings.corp_id, settings.agent_id)
    about = {"event": event.event, "userid": event.userid, "key": event.key, "msgid": msgid}
    result = await deliver(world, xml, about)
    error = result.error or apply_body(world, msgid, event, result)
    return Pressed(error is None, result.attempts, error)


def apply_body(world: World, msgid: str, event: CardEvent, result: Delivered) -> str | None:
    """Show the reply on the member's copy; return its error, None if it is valid."""
    if not result.body.strip():
        return "empty_reply"
    about: dict[str, Any] = {"userid": event.userid, "msgid": msgid}
    try:
        reply = open_reply(result.body, world.crypto, world.settings.corp_id, event.userid)
        apply_reply(world, msgid, event, reply)
    except ReplyError as error:
        world.journal.write("reply", error=str(error), **about)
        return f"bad_reply: {error}"
    world.journal.write("reply", error=None, msgtype=reply.kind, text=reply.text, card=reply.card, **about)
    return None


def apply_reply(world: World, msgid: str, event: CardEvent, reply: Reply) -> None:
    """Apply the reply to the copy of the member who pressed, and to no other. Raises ReplyError."""
    if reply.kind == "update_button":
        chats.grey_out(world, msgid, [event.userid], reply.text)
    elif reply.kind == "text":
        chats.add_message(world, "text", {"content": reply.text}, [event.userid])
    else:
        card = {"task_id": event.task_id, **(reply.card or {})}
        check_reply_card(card)
        chats.replace_card(world, msgid, [event.userid], card)
