// The picker of what must not be in the drink.

import { byId, make, say } from "./dom.js";
import { texts } from "./texts.js";

/**
 * Make the picker work.
 * @param {import("./drink.js").Drink} drink
 * @param {(name: string) => string | undefined} idOf
 * @param {(id: string) => string} nameOf
 */
export function openExclusions(drink, idOf, nameOf) {
  const input = byId("exclude-name");
  byId("exclude-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const id = idOf(input.value);
    refuse(id ? "" : texts().excludeUnknown(input.value.trim()));
    input.focus();
    if (!id) return;
    input.value = "";
    const wasThere = drink.has(id);
    drink.exclude(id);
    if (!wasThere) say(texts().isExcluded(nameOf(id)));
    if (!drink.isStored) warn(texts().excludeUnstored);
  });
  input.addEventListener("input", () => refuse(""));
}

function warn(sentence) {
  byId("exclude-error").textContent = sentence;
  if (sentence) say(sentence);
}

function refuse(sentence) {
  warn(sentence);
  byId("exclude-name").setAttribute("aria-invalid", String(Boolean(sentence)));
}

/** Show what is excluded; each can be allowed again. */
export function drawExclusions(drink, nameOf) {
  const { excludeCount } = texts();
  const count = drink.excluded.length;
  byId("exclude-count").textContent = count ? excludeCount(count) : "";
  byId("excluded").replaceChildren(...drink.excluded.map((id) => chip(drink, id, nameOf(id))));
}

/** Allow an ingredient again, and move the focus to a field. */
export function allow(drink, id, name, field) {
  field.focus();
  drink.allow(id);
  say(texts().allowed(name));
}

function chip(drink, id, name) {
  const label = texts().allow(name);
  const click = () => allow(drink, id, name, byId("exclude-name"));
  const cross = make("span", { className: "cross", "aria-hidden": "true" }, "×");
  return make("li", {}, make("button", { className: "chip", "aria-label": label, click }, name, cross));
}
