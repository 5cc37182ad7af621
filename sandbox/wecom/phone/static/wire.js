/* The last things that went between the application and this WeCom. */

import { el, words } from "./dom.js";

export function drawWire(entries, language) {
  if (entries.length === 0) return [el("li", {}, el("span", {}), el("span", { class: "what muted" }, words.wire_empty))];
  return entries.map((entry) => {
    const time = new Date(entry.at * 1000).toLocaleTimeString(language, { hour12: false });
    const [mark, good] = outcome(entry);
    return el(
      "li",
      {},
      el("time", {}, time),
      el("span", { class: "what" }, words[`wire_${entry.kind}`] ?? entry.kind, el("code", {}, detail(entry))),
      mark ? el("span", { class: good ? "good" : "bad" }, mark) : null,
    );
  });
}

function detail(entry) {
  const attempt = entry.attempt > 1 ? `#${entry.attempt}` : null;
  const took = entry.took_ms === null ? null : `${entry.took_ms} ms`;
  return [entry.endpoint, entry.userid, entry.key, entry.msgtype, attempt, took].filter(Boolean).join(" · ");
}

function outcome(entry) {
  if (entry.error) return [`✕ ${entry.error}`, false];
  if (entry.errcode) return [`✕ ${entry.errcode}`, false];
  if (entry.kind === "dropped" || entry.kind === "swallowed") return ["✕", false];
  if (entry.kind === "callback") return [`✓ ${entry.status}`, true];
  return entry.kind === "api" || entry.kind === "reply" || entry.kind === "verify" ? ["✓", true] : [null, true];
}
