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
    drink.exclude(id);
    say(texts().excluded(nameOf(id)));
  });
  input.addEventListener("input", () => refuse(""));
}

function refuse(sentence) {
  byId("exclude-error").textContent = sentence;
  byId("exclude-name").setAttribute("aria-invalid", String(Boolean(sentence)));
  if (sentence) say(sentence);
}

/** Show what is excluded; each can be allowed again. */
export function drawExclusions(drink, nameOf) {
  const { excludeCount } = texts();
  const count = drink.excluded.length;
  byId("exclude-count").textContent = count ? excludeCount(count) : "";
  byId("excluded").replaceChildren(...drink.excluded.map((id) => chip(drink, id, nameOf(id))));
}

function chip(drink, id, name) {
  const allow = () => {
    byId("exclude-name").focus();
    drink.allow(id);
    say(texts().allowed(name));
  };
  const label = texts().allow(name);
  return make("li", {}, make("button", { className: "chip", "aria-label": label, click: allow },
    name, make("span", { className: "cross", "aria-hidden": "true" }, "×")));
}
