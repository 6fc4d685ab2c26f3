// The form that excludes ingredients, and the list of excluded ones.

import { byId, make, say } from "./dom.js";
import { texts } from "./texts.js";

/**
 * Set up the form.
 * @param {import("./drink.js").Drink} drink
 * @param {(name: string) => string | undefined} idOf
 * @param {(id: string) => string} nameOf
 */
export function setUpExclusions(drink, idOf, nameOf) {
  const input = byId("exclude-name");
  byId("exclude-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const id = idOf(input.value);
    showInputError(id ? "" : texts().excludeUnknown(input.value.trim()));
    input.focus();
    if (!id) return;
    input.value = "";
    const wasInGlass = drink.has(id);
    drink.exclude(id);
    if (!wasInGlass) say(texts().isExcluded(nameOf(id))); // otherwise the drink panel says so
    if (!drink.isStored) showMessage(texts().excludeUnstored);
  });
  input.addEventListener("input", clearExclusionError);
}

/** Remove the error message. */
export function clearExclusionError() {
  showInputError("");
}

function showMessage(text) {
  byId("exclude-error").textContent = text;
  if (text) say(text);
}

function showInputError(text) {
  showMessage(text);
  byId("exclude-name").setAttribute("aria-invalid", String(Boolean(text)));
}

/** Draw the excluded ingredients; a click on one allows it again. */
export function drawExclusions(drink, nameOf) {
  const { excludeCount } = texts();
  const count = drink.excluded.length;
  byId("exclude-count").textContent = count ? excludeCount(count) : "";
  byId("excluded").replaceChildren(...drink.excluded.map((id) => chip(drink, id, nameOf(id))));
}

function chip(drink, id, name) {
  const label = texts().allow(name);
  const click = () => allow(drink, id, name, byId("exclude-name"));
  const cross = make("span", { className: "cross", "aria-hidden": "true" }, "×");
  const button = make("button", { className: "chip", "aria-label": label, click }, name, cross);
  return make("li", {}, button);
}

/** Allow an ingredient again, and move the focus to a field. */
export function allow(drink, id, name, field) {
  field.focus();
  drink.allow(id);
  say(texts().allowed(name));
}
