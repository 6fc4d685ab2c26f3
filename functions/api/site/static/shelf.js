// The shelf: each ingredient is a button that adds it to the drink or removes it.

import { colourOf } from "./colours.js";
import { byId, disc, make } from "./dom.js";
import { fold } from "./names.js";
import { addRovingFocus, restoreTabStop } from "./roving_focus.js";
import { currentLanguage, texts } from "./texts.js";

/** @type {Map<string, HTMLButtonElement>} */
let buttons = new Map();
/** @type {[id: string, name: string][]} folded names */
let names = [];

/** Fill the shelf with ingredients as the API lists them. */
export function fillShelf(ingredients, toggle) {
  const sorted = ingredients.toSorted((a, b) => a.name.localeCompare(b.name, currentLanguage()));
  buttons = new Map(sorted.map(({ id, name }) => [id, ingredientButton(id, name, toggle)]));
  names = sorted.map(({ id, name }) => [id, fold(name)]);
  const groups = [
    group("bases", sorted.filter(({ base }) => base)),
    group("additives", sorted.filter(({ base }) => !base)),
  ];
  byId("groups").replaceChildren(...groups);
}

function ingredientButton(id, name, toggle) {
  const click = () => toggle(id);
  return make("button", { className: "ingredient", click }, disc(colourOf(id)), name);
}

function group(title, ingredients) {
  const heading = make("h3", { id: `${title}-title` }, texts()[title]);
  const toolbar = make(
    "div",
    { className: "ingredients", role: "toolbar", "aria-labelledby": heading.id },
    ...ingredients.map(({ id }) => buttons.get(id)),
  );
  addRovingFocus(toolbar);
  return make("div", { className: "group" }, heading, toolbar);
}

/** Mark the ingredients that are in the drink as pressed. */
export function drawShelf(drink) {
  for (const [id, button] of buttons) button.setAttribute("aria-pressed", String(drink.has(id)));
}

/** Show only these ingredients. */
export function showOnShelf(ids) {
  const shown = new Set(ids);
  for (const [id, button] of buttons) button.hidden = !shown.has(id);
  for (const box of document.querySelectorAll(".group")) {
    const toolbar = box.querySelector(".ingredients");
    box.hidden = !toolbar.querySelector(".ingredient:not([hidden])");
    restoreTabStop(toolbar);
  }
}

/** Return the ids whose names contain the words, the best match first. */
export function matching(words) {
  const wanted = fold(words);
  const rank = (name) => (name === wanted ? 0 : name.startsWith(wanted) ? 1 : 2);
  return names
    .filter(([, name]) => name.includes(wanted))
    .toSorted(([, a], [, b]) => rank(a) - rank(b))
    .map(([id]) => id);
}
