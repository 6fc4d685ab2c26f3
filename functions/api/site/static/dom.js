// Helpers for the document.

const MAX_ANNOUNCEMENTS = 4; // older ones are removed

/** @param {string} id */
export const byId = (id) => document.getElementById(id);

/**
 * Make an element. A function becomes an event listener; a name with a dash, an attribute.
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

/** Make a small coloured disc. */
export function disc(colour) {
  const mark = make("span", { className: "disc", "aria-hidden": "true" });
  mark.style.setProperty("--colour", colour);
  return mark;
}

/** Enable or disable a button; it stays focusable. */
export function enable(button, isEnabled) {
  button.setAttribute("aria-disabled", String(!isEnabled));
}

/** @param {Element} element */
export const isEnabled = (element) => element.getAttribute("aria-disabled") !== "true";

/** Let the browser do other work, such as an answer to a tap, before the next part of a long task. */
export const nextTask = () => new Promise((done) => setTimeout(done));

/** Announce a sentence to screen readers, after earlier announcements. */
export function say(sentence) {
  const log = byId("announcements");
  log.append(make("p", {}, sentence));
  while (log.childElementCount > MAX_ANNOUNCEMENTS) log.firstElementChild.remove();
}
