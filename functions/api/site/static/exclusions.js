// The form that excludes ingredients, and the list of excluded ones.

import { byId, make, say } from "./dom.js";
import { groupName, groupNamed, hasGroup, isGroup } from "./groups.js";
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
    const key = idOf(input.value) ?? groupNamed(input.value);
    showInputError(key ? "" : texts().excludeUnknown(input.value.trim()));
    input.focus();
    if (!key) return;
    input.value = "";
    const wasInGlass = drink.has(key);
    drink.exclude(key);
    if (isGroup(key)) say(texts().groupIsExcluded(groupName(key)));
    else if (!wasInGlass) say(texts().isExcluded(nameOf(key))); // otherwise the drink panel says so
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

/**
 * Draw the excluded ingredients; a click on one allows it again. A group has a toggle of its own,
 * unless the current model lacks it.
 */
export function drawExclusions(drink, nameOf) {
  const { excludeCount } = texts();
  const listed = drink.excluded.filter((key) => !hasGroup(key));
  byId("exclude-count").textContent = listed.length ? excludeCount(listed.length) : "";
  const name = (key) => (isGroup(key) ? groupName(key) : nameOf(key));
  byId("excluded").replaceChildren(...listed.map((key) => chip(drink, key, name(key))));
}

function chip(drink, key, name) {
  const label = texts().allow(name);
  const click = () => allow(drink, key, name, byId("exclude-name"));
  const cross = make("span", { className: "cross", "aria-hidden": "true" }, "×");
  const button = make("button", { className: "chip", "aria-label": label, click }, name, cross);
  return make("li", {}, button);
}

/** Allow an ingredient or a group again, and move the focus to a field. */
export function allow(drink, key, name, field) {
  field.focus();
  drink.allow(key);
  say(texts().allowed(name));
}
