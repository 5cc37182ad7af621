/* Drop-downs and check boxes of cards, and what is chosen in them until the button is pressed. */

import { el } from "./dom.js";

const chosen = new Map();

/** What the reader has picked on this message: {question_key: [option id]}. */
export function picked(msgid) {
  return chosen.get(msgid) ?? {};
}

function pick(msgid, question, ids) {
  chosen.set(msgid, { ...picked(msgid), [question]: ids });
}

function current(message, selector, fallback) {
  const question = selector.question_key;
  return picked(message.msgid)[question] ?? message.selected[question] ?? fallback;
}

export function dropDown(message, selector, locked) {
  const [id] = current(message, selector, [selector.selected_id ?? selector.option_list[0].id]);
  const options = selector.option_list.map((o) => el("option", { value: o.id, selected: o.id === id }, o.text));
  const select = el(
    "select",
    {
      disabled: locked || selector.disable === true,
      "data-question": selector.question_key,
      "aria-label": selector.title || null,
      onchange: (event) => pick(message.msgid, selector.question_key, [event.target.value]),
    },
    options,
  );
  const label = selector.title ? el("span", { class: "label", "aria-hidden": "true" }, selector.title) : null;
  return el("div", { class: "choice" }, label, select);
}

export function checkBoxes(message, box, locked) {
  const ticked = box.option_list.filter((o) => o.is_checked).map((o) => o.id);
  const ids = current(message, box, ticked);
  const many = box.mode === 1;
  const name = `${message.msgid}-${box.question_key}`;
  const read = (event) => {
    const inputs = [...event.currentTarget.querySelectorAll("input:checked")];
    pick(message.msgid, box.question_key, inputs.map((input) => input.value));
  };
  const options = box.option_list.map((option) => {
    const input = el("input", {
      type: many ? "checkbox" : "radio",
      name,
      value: option.id,
      checked: ids.includes(option.id),
      disabled: locked || box.disable === true,
    });
    return el("label", { class: "option" }, input, option.text);
  });
  return el("fieldset", { class: "choice", onchange: read, "data-question": box.question_key }, options);
}
