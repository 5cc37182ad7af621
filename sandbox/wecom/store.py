"""Database tables: all data that must survive a restart."""

from pathlib import Path

from sandbox.web.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS token (
    token TEXT PRIMARY KEY, audience TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS message (
    msgid TEXT PRIMARY KEY, agentid INTEGER NOT NULL, msgtype TEXT NOT NULL, sent_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS task (
    task_id TEXT PRIMARY KEY, msgid TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS copy (
    id INTEGER PRIMARY KEY, msgid TEXT NOT NULL, userid TEXT NOT NULL, content TEXT NOT NULL,
    replace_text TEXT, recalled INTEGER NOT NULL DEFAULT 0, pressed_key TEXT, selected TEXT,
    press_error TEXT, seen INTEGER NOT NULL DEFAULT 0, received_at REAL NOT NULL,
    UNIQUE (userid, msgid));
CREATE INDEX IF NOT EXISTS copy_by_member ON copy (userid, received_at);
CREATE TABLE IF NOT EXISTS dropped (
    msgid TEXT NOT NULL, userid TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS copy_by_message ON copy (msgid);
CREATE TABLE IF NOT EXISTS response_code (
    code TEXT PRIMARY KEY, msgid TEXT NOT NULL, origin TEXT NOT NULL, userid TEXT,
    created_at REAL NOT NULL, used_at REAL);
CREATE TABLE IF NOT EXISTS fingerprint (
    digest TEXT PRIMARY KEY, answer TEXT NOT NULL, sent_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS oauth_code (
    code TEXT PRIMARY KEY, userid TEXT NOT NULL, scope TEXT NOT NULL, created_at REAL NOT NULL, used_at REAL);
CREATE TABLE IF NOT EXISTS user_ticket (
    ticket TEXT PRIMARY KEY, userid TEXT NOT NULL, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS media (
    media_id TEXT PRIMARY KEY, kind TEXT NOT NULL, filename TEXT NOT NULL, content_type TEXT NOT NULL,
    content BLOB NOT NULL, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL, entry TEXT NOT NULL);
"""

CONTENTS = (
    "message", "task", "copy", "dropped", "response_code", "fingerprint", "oauth_code", "user_ticket", "media",
    "journal",
)  # fmt: skip


def open_store(path: Path | str) -> Database:
    return Database(path, SCHEMA)


def forget_everything(store: Database) -> None:
    """Empty the chats and the journal; tokens stay valid."""
    for table in CONTENTS:
        store.run(f"DELETE FROM {table}")  # noqa: S608 - names from the tuple above
