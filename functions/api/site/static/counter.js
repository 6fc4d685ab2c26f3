// The counter: the glass, the list of what is in it, and the way back to both.

import { colourOf } from "./colours.js";
import { byId, disc, enable, make, say } from "./dom.js";
import { MOST } from "./drink.js";
import { drawGlass, drawStripes } from "./glass.js";
import { nameOf } from "./names.js";
import { texts } from "./texts.js";

const FINISHED = 5; // ingredients: what a drink is completed to unless told otherwise

/** Draw the drink and what can be done with it. */
export function drawCounter(drink) {
  const { ingredients } = drink;
  drawGlass(ingredients, nameOf);
  drawStripes(byId("dock-stripes"), ingredients);
  byId("dock-count").textContent = texts().toGlass(ingredients.length);
  byId("empty").hidden = ingredients.length > 0;
  byId("drink").replaceChildren(...ingredients.map((id) => row(drink, id)).reverse());
  enable(byId("undo"), drink.canUndo);
  enable(byId("clear"), ingredients.length > 0);
  const { suggestions, suggestionsBase } = texts();
  byId("suggestions-title").textContent = ingredients.length ? suggestions : suggestionsBase;
  drawLength(ingredients.length);
}

function row(drink, id) {
  const name = nameOf(id);
  const click = () => takeOut(drink, id, name);
  const cross = make("span", { "aria-hidden": "true" }, "×");
  const label = texts().remove(name);
  const button = make("button", { className: "out", "aria-label": label, title: label, click }, cross);
  return make("li", {}, disc(colourOf(id)), make("span", { className: "name" }, name), button);
}

/** Take an ingredient out; the focus goes to its neighbour, or to the heading after the last. */
function takeOut(drink, id, name) {
  const place = [...byId("drink").children].findIndex((item) => item.contains(document.activeElement));
  drink.remove(id);
  const rest = byId("drink").querySelectorAll("button");
  (rest[Math.min(Math.max(place, 0), rest.length - 1)] ?? byId("drink-title")).focus();
  say(texts().removed(name));
}

/** Let a drink be completed to more than it has, and to no more than it may have. */
function drawLength(count) {
  const input = byId("length");
  input.min = Math.min(count + 1, MOST);
  if (Number(input.value) <= count) input.value = Math.min(Math.max(FINISHED, count + 2), MOST);
}

/** On a small screen, offer a way back to the counter while it is out of sight. */
export function openDock() {
  const dock = byId("dock");
  const watch = new IntersectionObserver(([{ isIntersecting }]) => {
    const isFocused = document.activeElement === dock;
    dock.hidden = isIntersecting || byId("bench").hidden;
    if (isIntersecting && isFocused) byId("drink-title").focus({ preventScroll: true });
  });
  watch.observe(byId("suggestions"));
  dock.addEventListener("click", () => {
    byId("drink-title").focus({ preventScroll: true });
    byId("counter").scrollIntoView();
  });
}
