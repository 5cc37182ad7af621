/* A template card as WeCom draws it. */

import { checkBoxes, dropDown } from "./choices.js";
import { busyMark, el, outside, words } from "./dom.js";

const list = (value) => (Array.isArray(value) ? value : []);

/** `press(message, key)` sends the tap. */
export function drawCard(message, press) {
  const { card } = message;
  const locked = message.state === "replaced" || Boolean(message.pressing);
  return el(
    "article",
    { class: "bubble card" },
    whole(message),
    picture(card),
    el(
      "div",
      { class: "inner" },
      source(message, press),
      title(card),
      emphasis(card.emphasis_content),
      card.sub_title_text ? el("p", { class: "subtitle" }, card.sub_title_text) : null,
      beside(message),
      quote(message),
      rows(message),
      list(card.vertical_content_list).map((row) =>
        el("div", { class: "vertical" }, el("p", {}, row.title), el("p", { class: "desc" }, row.desc ?? "")),
      ),
      card.checkbox ? checkBoxes(message, card.checkbox, locked) : null,
      list(card.select_list).map((selector) => dropDown(message, selector, locked)),
      card.button_selection ? dropDown(message, card.button_selection, locked) : null,
    ),
    buttons(message, press),
    failure(message, press),
    list(card.jump_list).map((jump, place) => jumpLine(message, jump, place)),
  );
}

function whole(message) {
  const href = message.open.card_action;
  const name = message.card.main_title?.title || words.details;
  return href ? outside(href, { class: "whole", "aria-label": name, "data-link": "card_action" }) : null;
}

function source(message, press) {
  const { source: from, action_menu: menu } = message.card;
  if (!from?.desc && !from?.icon_url && !menu) return null;
  return el(
    "div",
    { class: "source" },
    from?.icon_url ? el("img", { src: from.icon_url, alt: "" }) : null,
    el("span", { class: `ink-${from?.desc_color ?? 0}` }, from?.desc ?? ""),
    menu ? actionMenu(message, menu, press) : null,
  );
}

function actionMenu(message, menu, press) {
  const actions = list(menu.action_list).map((action) => {
    const attributes = { type: "button", "data-key": action.key, onclick: () => press(message, action.key) };
    return el("li", {}, el("button", attributes, action.text));
  });
  const name = menu.desc || words.more;
  return el("details", { class: "menu" }, el("summary", { "aria-label": name }, "⋯"), el("ul", {}, actions));
}

function title(card) {
  const { title: text, desc } = card.main_title ?? {};
  return [text ? el("h3", { class: "title" }, text) : null, desc ? el("p", { class: "desc" }, desc) : null];
}

function emphasis(content) {
  if (!content) return null;
  return el("div", { class: "emphasis" }, el("b", {}, content.title ?? ""), el("span", { class: "desc" }, content.desc ?? ""));
}

function picture(card) {
  return card.card_image?.url ? el("img", { class: "picture", src: card.card_image.url, alt: "" }) : null;
}

function beside(message) {
  const area = message.card.image_text_area;
  if (!area) return null;
  const parts = [
    el("div", {}, el("p", {}, area.title ?? ""), el("p", { class: "desc" }, area.desc ?? "")),
    el("img", { src: area.image_url, alt: "" }),
  ];
  const href = message.open.image_text_area;
  return href ? outside(href, { class: "aside" }, parts) : el("div", { class: "aside" }, parts);
}

function quote(message) {
  const area = message.card.quote_area;
  if (!area?.title && !area?.quote_text) return null;
  const parts = [area.title ? el("b", {}, area.title) : null, area.quote_text ?? ""];
  const href = message.open.quote_area;
  return href ? outside(href, { class: "quote" }, parts) : el("blockquote", { class: "quote" }, parts);
}

function rows(message) {
  const all = list(message.card.horizontal_content_list);
  if (all.length === 0) return null;
  const lines = all.map((row, place) => {
    const link = `horizontal_content_list/${place}`;
    const href = message.open[link];
    const value = row.value || (row.type === 3 ? row.userid : "");
    const shown = href ? outside(href, { "data-link": link }, value || words.details) : value;
    return el("div", {}, el("dt", {}, row.keyname), el("dd", {}, shown));
  });
  return el("dl", { class: "rows" }, lines);
}

function jumpLine(message, jump, place) {
  const link = `jump_list/${place}`;
  const href = message.open[link];
  return href
    ? outside(href, { class: "jump", "data-link": link }, jump.title)
    : el("p", { class: "jump" }, jump.title);
}

function buttons(message, press) {
  const { card } = message;
  const submit = card.submit_button ? [{ style: 1, ...card.submit_button, text: card.submit_button.text || words.submit }] : [];
  const all = card.button_list ? list(card.button_list) : submit;
  if (all.length === 0) return null;
  if (message.state === "replaced") {
    const grey = el("button", { type: "button", class: "replaced", disabled: true }, message.replace_text);
    return el("div", { class: "buttons" }, grey);
  }
  return el("div", { class: "buttons" }, all.map((button, place) => oneButton(message, button, place, press)));
}

function oneButton(message, button, place, press) {
  const style = `style-${button.style ?? 1}`;
  if (button.type === 1) {
    const link = `button_list/${place}`;
    const href = message.open[link];
    return href
      ? outside(href, { class: style, "data-link": link }, button.text)
      : el("button", { type: "button", class: style, disabled: true }, button.text);
  }
  const pressing = message.pressing === button.key;
  const attributes = {
    type: "button",
    class: pressing ? `${style} pressing` : style,
    "data-key": button.key,
    disabled: Boolean(message.pressing),
    "aria-busy": pressing ? "true" : null,
    onclick: () => press(message, button.key),
  };
  return el("button", attributes, pressing ? busyMark() : null, button.text);
}

/** A tap that got no valid reply: the phone says so and offers the same tap again. */
function failure(message, press) {
  if (!message.press_error || message.pressing || message.state === "replaced") return null;
  const again = () => press(message, message.pressed_key);
  return el("button", { type: "button", class: "failure", "data-retry": true, role: "alert", onclick: again }, words.timeout);
}
