/* One message of the chat, whatever its type. */

import { drawCard } from "./card.js";
import { el, outside, words } from "./dom.js";

const DRAW = { template_card: drawCard, textcard: drawTextCard, file: drawFile };

export function drawMessage(message, press) {
  const draw = DRAW[message.msgtype] ?? drawText;
  const face = el("span", { class: "app-face", "aria-hidden": "true" }, el("span", { class: "mark" }));
  return el(
    "div",
    {
      class: "message",
      "data-msgid": message.msgid,
      "data-task-id": message.task_id,
      "data-state": message.state,
      "data-msgtype": message.msgtype,
    },
    face,
    draw(message, press),
  );
}

function drawText(message) {
  return el("div", { class: "bubble said" }, drawLines(message));
}

function drawTextCard(message) {
  const { title, btntxt } = message.textcard;
  const inner = el("div", { class: "inner" }, el("h3", { class: "title" }, title), drawLines(message));
  const href = message.open.textcard;
  return el("article", { class: "bubble card" }, inner, href ? outside(href, { class: "go" }, btntxt) : null);
}

function drawFile(message) {
  const { filename, size } = message.file;
  const kind = filename.includes(".") ? filename.split(".").pop().slice(0, 4) : "·";
  const parts = [
    el("span", {}, filename, el("small", {}, `${humanSize(size)} · ${words.download}`)),
    el("span", { class: "kind", "aria-hidden": "true" }, kind),
  ];
  return el("article", { class: "bubble card" }, outside(message.open.file, { class: "file" }, parts));
}

function humanSize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

/** Spans with a link are numbered through the message, as the server names them. */
function drawLines(message) {
  let link = 0;
  return message.lines.map((line) =>
    el(
      "p",
      { class: `line ${line.style}` },
      line.spans.map((span) => drawSpan(message, span, span.href === undefined ? null : `text/${link++}`)),
    ),
  );
}

function drawSpan(message, span, link) {
  const href = link === null ? undefined : message.open[link];
  if (href) return outside(href, {}, span.text);
  if (span.code) return el("code", {}, span.text);
  if (span.bold) return el("b", {}, span.text);
  return span.tone ? el("span", { class: span.tone }, span.text) : span.text;
}
