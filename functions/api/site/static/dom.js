// Small helpers over the document.

const SAID = 4; // sentences that are kept

/** @param {string} id */
export const byId = (id) => document.getElementById(id);

/**
 * Make an element. A property that is a function listens; one with a dash is an attribute.
 * @param {string} tag
 * @param {Record<string, unknown>} properties
 * @param {...(Node | string)} children
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** Make a small disc in an ingredient's colour. */
export function disc(colour) {
  const mark = make("span", { className: "disc", "aria-hidden": "true" });
  mark.style.setProperty("--colour", colour);
  return mark;
}

/** Say that a button does nothing now, and leave the focus where it is. */
export function enable(button, isEnabled) {
  button.setAttribute("aria-disabled", String(!isEnabled));
}

/** @param {Element} element */
export const isEnabled = (element) => element.getAttribute("aria-disabled") !== "true";

/** Tell those who listen to the page, after what they have been told already. */
export function say(sentence) {
  const log = byId("said");
  log.append(make("p", {}, sentence));
  while (log.childElementCount > SAID) log.firstElementChild.remove();
}
