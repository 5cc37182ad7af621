"""Messages, and each member's copy of them. After delivery each copy changes independently."""

import json
import secrets
from typing import Any

from sandbox.web.database import Row
from sandbox.wecom.callbacks.events import CardEvent
from sandbox.wecom.world import World

HOURLY, ONE_HOUR_S = 1000, 3600


def add_message(world: World, msgtype: str, content: dict[str, Any], userids: list[str]) -> str:
    """Store a message and one copy per recipient; returns its msgid."""
    msgid, now = secrets.token_urlsafe(24), world.now()
    world.store.run("INSERT INTO message VALUES (?, ?, ?, ?)", msgid, world.settings.agent_id, msgtype, now)
    text = json.dumps(content, ensure_ascii=False)
    dropped = [userid for userid in userids if over_limit(world, userid)]
    rows = [(msgid, userid, text, now) for userid in userids if userid not in dropped]
    world.store.many("INSERT INTO copy (msgid, userid, content, received_at) VALUES (?, ?, ?, ?)", rows)
    for userid in dropped:
        world.store.run("INSERT INTO dropped VALUES (?, ?, ?)", msgid, userid, now)
        world.journal.write("dropped", userid=userid, msgid=msgid, msgtype=msgtype)
    world.changed()
    return msgid


def over_limit(world: World, userid: str) -> bool:
    """Whether the member has got 30 messages in a minute or 1,000 in an hour; the platform drops more silently."""
    limit = world.faults.member_limit_per_min
    if limit is None:
        return False
    windows = ((limit, world.faults.member_window_s), (HOURLY, ONE_HOUR_S))
    return any(received(world, userid, since_s) >= most for most, since_s in windows)


def received(world: World, userid: str, within_s: float) -> int:
    since = world.now() - within_s
    row = world.store.one("SELECT count(*) AS n FROM copy WHERE userid = ? AND received_at > ?", userid, since)
    return int(row["n"]) if row else 0


def dropped(world: World, userid: str) -> int:
    """The number of messages to this member that were dropped in the last hour."""
    since = world.now() - ONE_HOUR_S
    row = world.store.one("SELECT count(*) AS n FROM dropped WHERE userid = ? AND at > ?", userid, since)
    return int(row["n"]) if row else 0


def copy_of(world: World, userid: str, msgid: str) -> Row | None:
    return world.store.one(
        "SELECT copy.*, msgtype, agentid, sent_at FROM copy JOIN message USING (msgid) "
        "WHERE userid = ? AND msgid = ?",
        userid, msgid,
    )  # fmt: skip


def copies_of(world: World, userid: str) -> list[Row]:
    """The member's copies, oldest first."""
    return world.store.all(
        "SELECT copy.*, msgtype, agentid, sent_at FROM copy JOIN message USING (msgid) "
        "WHERE userid = ? ORDER BY copy.id",
        userid,
    )


def recipients(world: World, msgid: str) -> set[str]:
    return {row["userid"] for row in world.store.all("SELECT userid FROM copy WHERE msgid = ?", msgid)}


def grey_out(world: World, msgid: str, userids: list[str], text: str) -> None:
    """Replace the buttons of these copies with one grey button."""
    for userid in userids:
        world.store.run(
            "UPDATE copy SET replace_text = ?, press_error = NULL WHERE msgid = ? AND userid = ?",
            text, msgid, userid,
        )  # fmt: skip
    world.changed()


def replace_card(world: World, msgid: str, userids: list[str], card: dict[str, Any]) -> None:
    """Show a new card in these copies; its buttons work unless it has replace_text."""
    text = json.dumps(card, ensure_ascii=False)
    for userid in userids:
        world.store.run(
            "UPDATE copy SET content = ?, replace_text = ?, selected = NULL, press_error = NULL "
            "WHERE msgid = ? AND userid = ?",
            text, card.get("replace_text"), msgid, userid,
        )  # fmt: skip
    world.changed()


def mark_press(world: World, event: CardEvent, msgid: str, error: str | None) -> None:
    """Store in the copy which button was pressed, and the error, if any."""
    world.store.run(
        "UPDATE copy SET pressed_key = ?, selected = ?, press_error = ? WHERE msgid = ? AND userid = ?",
        event.key, json.dumps(event.selected), error, msgid, event.userid,
    )  # fmt: skip
    world.changed()


def mark_seen(world: World, userid: str) -> None:
    if world.store.run("UPDATE copy SET seen = 1 WHERE userid = ? AND seen = 0", userid):
        world.changed()


def unread(world: World) -> dict[str, int]:
    rows = world.store.all("SELECT userid, count(*) AS n FROM copy WHERE seen = 0 AND recalled = 0 GROUP BY userid")
    return {row["userid"]: row["n"] for row in rows}


def shown(world: World, row: Row) -> dict[str, Any]:
    """One copy as tests and the phone read it."""
    content = json.loads(row["content"])
    view: dict[str, Any] = {
        "msgid": row["msgid"],
        "msgtype": row["msgtype"],
        "sent_at": int(row["sent_at"]),
        "agentid": row["agentid"],
        "task_id": content.get("task_id"),
        "state": "live" if row["replace_text"] is None else "replaced",
        "replace_text": row["replace_text"],
        "recalled": bool(row["recalled"]),
        "pressing": world.pressing.get((row["msgid"], row["userid"])),
        "pressed_key": row["pressed_key"],
        "press_error": row["press_error"],
        "selected": json.loads(row["selected"] or "{}"),
        "seen": bool(row["seen"]),
    }
    view["card" if row["msgtype"] == "template_card" else row["msgtype"]] = content
    return view
