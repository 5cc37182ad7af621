/* Keep the phone true: ask once a second what changed, draw only that. */

import { picked } from "./choices.js";
import { drawMessage } from "./bubble.js";
import { el, words } from "./dom.js";
import { drawWire } from "./wire.js";

const EVERY_MS = 1000;
const GAP_S = 300;
const { userid, app } = document.body.dataset;
const language = document.documentElement.lang;
const chat = document.getElementById("chat");
const lost = document.getElementById("lost");
const base = userid ? `/phone/${encodeURIComponent(userid)}` : "/phone";
const drawn = new Map();
let revision = "";
let wireShown = "";
let asking = null;

async function ask() {
  const answer = await fetch(`${base}/state?since=${revision}`);
  if (!answer.ok) throw new Error(String(answer.status));
  const state = await answer.json();
  revision = state.revision;
  showUnread(state.unread);
  showWire(state.wire);
  if (chat && state.messages) showMessages(state.messages);
  if (chat && state.messages) showDropped(state.dropped);
  if (lost) lost.hidden = true;
  markSeen(state.unread);
}

/** One question at a time; whoever asks meanwhile gets the next answer. */
function refresh() {
  asking ??= ask()
    .catch(() => {
      if (lost) lost.hidden = false;
    })
    .finally(() => {
      asking = null;
    });
  return asking;
}

function showUnread(unread) {
  for (const link of document.querySelectorAll("[data-user]")) {
    const count = link.dataset.user === userid ? 0 : (unread[link.dataset.user] ?? 0);
    const badge = link.querySelector(".badge");
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? "99+" : String(count);
    badge.setAttribute("aria-label", words.unread.replace("{n}", String(count)));
  }
}

function showWire(entries) {
  const list = document.getElementById("wire");
  const text = JSON.stringify(entries);
  if (text === wireShown) return;
  wireShown = text;
  list.replaceChildren(...drawWire(entries, language));
}

function markSeen(unread) {
  if (chat && unread[userid] && document.visibilityState === "visible") {
    fetch(`${base}/seen`, { method: "POST" }).catch(() => {});
  }
}

function showMessages(messages) {
  const first = drawn.size === 0 && !chat.querySelector(".empty");
  const atEnd = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80;
  const before = drawn.size;
  forget(new Set(messages.map((message) => message.msgid)));
  chat.querySelector(".waiting")?.remove();
  messages.forEach((message, place) => showMessage(message, messages[place - 1], first));
  if (messages.length === 0) showEmpty();
  if (first || (atEnd && drawn.size !== before)) chat.scrollTop = chat.scrollHeight;
}

function showMessage(message, previous, quietly) {
  const text = JSON.stringify({ ...message, seen: null });
  const old = drawn.get(message.msgid);
  if (old?.text === text) return;
  const node = drawMessage(message, press);
  if (old) {
    const had = old.node.contains(document.activeElement);
    old.node.replaceWith(node);
    if (had) node.querySelector("button:enabled, a")?.focus({ preventScroll: true });
  } else {
    if (!quietly) node.classList.add("arriving");
    if (!previous || message.sent_at - previous.sent_at > GAP_S) chat.append(moment(message));
    chat.append(node);
  }
  drawn.set(message.msgid, { text, node });
}

function moment(message) {
  const at = new Date(message.sent_at * 1000);
  const today = at.toDateString() === new Date().toDateString();
  const parts = { hour: "2-digit", minute: "2-digit", hour12: false };
  const shown = at.toLocaleString(language, today ? parts : { month: "numeric", day: "numeric", ...parts });
  return el("p", { class: "moment", "data-before": message.msgid }, el("time", { datetime: at.toISOString() }, shown));
}

/** Recalled messages are gone, and so is the time above them. */
function forget(kept) {
  for (const [msgid, { node }] of drawn) {
    if (kept.has(msgid)) continue;
    chat.querySelector(`[data-before="${CSS.escape(msgid)}"]`)?.remove();
    node.remove();
    drawn.delete(msgid);
  }
}

/** What the platform would not say to anybody. */
function showDropped(count) {
  const note = document.getElementById("dropped");
  note.hidden = count === 0;
  note.textContent = words.dropped.replace("{n}", String(count));
}

function showEmpty() {
  const parts = [el("b", {}, words.empty), el("br"), words.empty_hint];
  chat.append(el("p", { class: "muted waiting empty" }, parts));
}

async function press(message, key) {
  const body = JSON.stringify({ msgid: message.msgid, key, selected: picked(message.msgid) });
  const headers = { "Content-Type": "application/json" };
  const pressing = fetch(`/sandbox/inbox/${encodeURIComponent(userid)}/press`, { method: "POST", headers, body });
  showMessage({ ...message, pressing: key }, message, true);
  await pressing.catch(() => {});
  drawn.get(message.msgid).text = "";
  revision = "";
  await asking;
  await refresh();
}

const name = document.getElementById("app-name");
if (name) name.textContent = app;
document.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
document.addEventListener("visibilitychange", refresh);
setInterval(refresh, EVERY_MS);
refresh();
