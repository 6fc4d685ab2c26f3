// The form that excludes ingredients, and the bar above the shelf that lists what is excluded.

import { byId, make, say } from "./dom.js";
import { groupName, groupNamed, isGroup } from "./groups.js";
import { allNames, idOf, nameOf } from "./names.js";
import { texts } from "./texts.js";

/** Return the name of an ingredient or a group. */
export const nameOfKey = (key) => (isGroup(key) ? groupName(key) : nameOf(key));

/**
 * Set up the form.
 * @param {import("./drink.js").Drink} drink
 */
export function setUpExclusions(drink) {
  const input = byId("exclude-name");
  byId("exclude-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const key = idOf(input.value) ?? groupNamed(input.value);
    showInputError(key ? "" : texts().excludeUnknown(input.value.trim()));
    input.focus();
    if (!key) return;
    input.value = "";
    exclude(drink, key);
  });
  input.addEventListener("input", clearExclusionError);
  input.addEventListener("focus", () => {
    byId("names").replaceChildren(...allNames().map((name) => new Option(name, name)));
  });
}

/** Exclude an ingredient or a group, and say so. If it was in the glass, the drink panel says so. */
export function exclude(drink, key) {
  const wasInGlass = drink.has(key);
  drink.exclude(key);
  if (isGroup(key)) say(texts().groupIsExcluded(groupName(key)));
  else if (!wasInGlass) say(texts().isExcluded(nameOf(key)));
  if (!drink.isStored) showMessage(texts().excludeUnstored);
}

/** Allow an ingredient or a group again, and say so. */
export function allow(drink, key) {
  drink.allow(key);
  say(texts().allowed(nameOfKey(key)));
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

/** Draw the excluded ingredients and groups; a click on one allows it again. */
export function drawExclusions(drink) {
  byId("exclusions").hidden = !drink.excluded.length;
  byId("excluded").replaceChildren(...drink.excluded.map((key) => chip(drink, key)));
}

function chip(drink, key) {
  const label = texts().allow(nameOfKey(key));
  const click = () => {
    byId("search").focus({ preventScroll: true });
    allow(drink, key);
  };
  const cross = make("span", { className: "cross", "aria-hidden": "true" }, "×");
  const properties = { className: "chip", "aria-label": label, title: label, click };
  return make("li", {}, make("button", properties, nameOfKey(key), cross));
}

/**
 * Return a button for each exclusion of some ingredients, which allows it again and moves the focus
 * to a field.
 */
export function allowButtons(drink, ids, field) {
  const keys = new Set(ids.flatMap((id) => drink.exclusionsOf(id)));
  return [...keys].map((key) => {
    const click = () => {
      field.focus({ preventScroll: true });
      allow(drink, key);
    };
    const label = texts().allow(nameOfKey(key));
    return make("button", { className: "chip", type: "button", click }, label);
  });
}
