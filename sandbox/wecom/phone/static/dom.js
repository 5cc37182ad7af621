/* Elements from values. Text only ever becomes a text node. */

export const words = JSON.parse(document.body.dataset.words ?? "{}");

/** el("a", {class: "x", href: "…", onclick: f}, child, …); null children and attributes are left out. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A link to a page of the app: a new tab, as WeCom opens its own browser over the chat. */
export function outside(href, attributes, ...children) {
  return el("a", { href, target: "_blank", rel: "noopener", ...attributes }, ...children);
}

export function busyMark() {
  return el("span", { class: "mark busy", "aria-hidden": "true" });
}
