"""message/update_template_card."""

from typing import Any

from sandbox.wecom import chats
from sandbox.wecom.api.call import Call
from sandbox.wecom.api.messages import card_content, require_agent
from sandbox.wecom.api.recipients import find
from sandbox.wecom.cards.check import BUTTON_CARDS
from sandbox.wecom.cards.fields import Json, obj, string
from sandbox.wecom.codes import message_of_code, use_code
from sandbox.wecom.errors import ApiError
from sandbox.wecom.world import World


async def update_template_card(world: World, call: Call) -> dict[str, Any]:
    """Change the named recipients' copies and mark the code as used. A refused call keeps the code valid."""
    require_agent(world, call)
    msgid = message_of_code(world, call.text("response_code"))
    userids, invalid = targets(world, call, msgid)
    button, card = obj(call.body, "button"), obj(call.body, "template_card")
    if card:
        new_card = checked_card(world, msgid, card)
        chats.replace_card(world, msgid, userids, new_card)
    elif string(button, "replace_name"):
        require_buttons(world, msgid)
        chats.grey_out(world, msgid, userids, string(button, "replace_name"))
    else:
        raise ApiError(40063, "button.replace_name or template_card")
    use_code(world, call.text("response_code"))
    call.facts.update(msgid=msgid, recipients=userids)
    return {"invaliduser": invalid} if invalid else {}


def targets(world: World, call: Call, msgid: str) -> tuple[list[str], list[str]]:
    """(named members who received the message, the other named ones)."""
    had = chats.recipients(world, msgid)
    if call.body.get("atall") == 1:
        return sorted(had), []
    users, parties, tags = (texts(call, name) for name in ("userids", "partyids", "tagids"))
    if not users and not parties and not tags:
        raise ApiError(82001)
    found = find(world, users, parties, tags)
    invalid = found.invalid_users + [userid.lower() for userid in found.userids if userid not in had]
    return [userid for userid in found.userids if userid in had], invalid


def texts(call: Call, name: str) -> list[str]:
    value = call.body.get(name)
    return [str(one) for one in value] if isinstance(value, list) else []


def require_buttons(world: World, msgid: str) -> None:
    """Raise ApiError unless the card has buttons that a grey one can replace."""
    row = world.store.one("SELECT json_extract(content, '$.card_type') AS card_type FROM copy WHERE msgid = ?", msgid)
    if row is None or row["card_type"] not in BUTTON_CARDS:
        raise ApiError(42031, "this card has no buttons to replace")


def checked_card(world: World, msgid: str, card: Json) -> Json:
    """The new card, with the old task_id unless it has its own, which no other message may have used."""
    owned = world.store.all("SELECT task_id FROM task WHERE msgid = ?", msgid)
    task_id = string(card, "task_id") or (str(owned[0]["task_id"]) if owned else "")
    new_card = card_content(world, {**card, "task_id": task_id} if task_id else card)
    holder = world.store.one("SELECT msgid FROM task WHERE task_id = ?", task_id)
    if holder and holder["msgid"] != msgid:
        raise ApiError(42014, "task_id belongs to another card")
    if task_id and not holder:
        world.store.run("INSERT INTO task VALUES (?, ?)", task_id, msgid)
    return new_card
