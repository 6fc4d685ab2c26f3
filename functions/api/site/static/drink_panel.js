// The drink panel: the glass, the list of its ingredients, and the dock that leads back to them.

import { byId, disc, enable, make, say } from "./dom.js";
import { drawGlass, drawStripes } from "./glass.js";
import { colourOf } from "./looks.js";
import { nameOf } from "./names.js";
import { texts } from "./texts.js";

/** Draw the drink and its controls. */
export function drawDrinkPanel(drink) {
  const { ingredients } = drink;
  drawGlass(ingredients, nameOf);
  drawStripes(byId("dock-stripes"), ingredients);
  byId("dock-count").textContent = texts().inGlass(ingredients.length);
  byId("empty").hidden = ingredients.length > 0;
  byId("drink").replaceChildren(...ingredients.map((id) => row(drink, id)).reverse());
  enable(byId("undo"), drink.canUndo);
  enable(byId("redo"), drink.canRedo);
  enable(byId("clear"), ingredients.length > 0);
  enable(byId("serve"), ingredients.length > 0);
  const { suggestions, suggestionsBase } = texts();
  byId("suggestions-title").textContent = ingredients.length ? suggestions : suggestionsBase;
}

function row(drink, id) {
  const name = nameOf(id);
  const click = () => removeFromList(drink, id, name);
  const cross = make("span", { "aria-hidden": "true" }, "×");
  const label = texts().remove(name);
  const properties = { className: "remove", "aria-label": label, title: label, click };
  const button = make("button", properties, cross);
  return make("li", {}, disc(colourOf(id)), make("span", { className: "name" }, name), button);
}

/** Remove an ingredient. The focus moves to its neighbour, or to the heading if none is left. */
function removeFromList(drink, id, name) {
  const items = [...byId("drink").children];
  const index = items.findIndex((item) => item.contains(document.activeElement));
  drink.remove(id);
  const rest = byId("drink").querySelectorAll("button");
  (rest[Math.min(Math.max(index, 0), rest.length - 1)] ?? byId("drink-title")).focus();
  say(texts().removed(name));
}

/** Set up the dock, which leads back to the drink panel on a small screen. */
export function setUpDock() {
  const dock = byId("dock");
  const observer = new IntersectionObserver(([{ isIntersecting }]) => {
    const isFocused = document.activeElement === dock;
    dock.hidden = isIntersecting || byId("builder").hidden;
    if (isIntersecting && isFocused) byId("drink-title").focus({ preventScroll: true });
  });
  observer.observe(byId("suggestions"));
  dock.addEventListener("click", () => {
    byId("drink-title").focus({ preventScroll: true });
    byId("drink-panel").scrollIntoView();
  });
}
