// The shelf: every ingredient as a button that puts it in or takes it out, and the search over them.

import { listIngredients, listNearest } from "./api.js";
import { colourOf } from "./colours.js";
import { byId, disc, make, say } from "./dom.js";
import { rove } from "./rove.js";
import { spoken, texts } from "./texts.js";

const PATIENCE_MS = 300; // while somebody types

/** @type {Map<string, HTMLButtonElement>} */
let buttons = new Map();
let names = [];
let isAvoided = () => false;
let search = 0;

const fold = (text) => text.trim().toLocaleLowerCase().replaceAll("ё", "е");

/** Fill the shelf with ingredients as the API lists them. */
export function stock(ingredients, toggle) {
  const sorted = ingredients.toSorted((a, b) => a.name.localeCompare(b.name, spoken()));
  buttons = new Map(sorted.map(({ id, name }) => [id, jar(id, name, toggle)]));
  names = sorted.map(({ id, name }) => [id, fold(name)]);
  const groups = [
    group("bases", sorted.filter(({ base }) => base)),
    group("additives", sorted.filter(({ base }) => !base)),
  ];
  byId("groups").replaceChildren(...groups);
  byId("search").value = "";
  byId("found").replaceChildren();
}

function jar(id, name, toggle) {
  const click = () => toggle(id);
  return make("button", { className: "jar", click }, disc(colourOf(id)), name);
}

function group(title, ingredients) {
  const heading = make("h3", { id: `${title}-title` }, texts()[title]);
  const jars = make(
    "div",
    { className: "jars", role: "toolbar", "aria-labelledby": heading.id },
    ...ingredients.map(({ id }) => buttons.get(id)),
  );
  rove(jars);
  return make("div", { className: "group" }, heading, jars);
}

/** Show what is in the drink, and hide what must not be in it. */
export function drawShelf(drink) {
  isAvoided = (id) => drink.excluded.includes(id);
  for (const [id, button] of buttons) button.setAttribute("aria-pressed", String(drink.has(id)));
  show(matching(byId("search").value));
}

/** Return the ids whose names contain the words, the exact and those that begin so first. */
function matching(words) {
  const wanted = fold(words);
  const rank = (name) => (name === wanted ? 0 : name.startsWith(wanted) ? 1 : 2);
  return names
    .filter(([id, name]) => name.includes(wanted) && !isAvoided(id))
    .toSorted(([, a], [, b]) => rank(a) - rank(b))
    .map(([id]) => id);
}

function show(ids) {
  const shown = new Set(ids);
  for (const [id, button] of buttons) button.hidden = !shown.has(id);
  for (const box of document.querySelectorAll(".group")) {
    const jars = box.querySelector(".jars");
    box.hidden = !jars.querySelector(".jar:not([hidden])");
    rove.settle(jars);
  }
}

/** Return what the words mean: a part of a name, or another name that only the API knows. */
async function look(words) {
  const here = matching(words);
  if (here.length || !fold(words)) return here;
  const found = await listIngredients(spoken(), words.trim());
  return found.map(({ id }) => id).filter((id) => !isAvoided(id));
}

/**
 * Make the search work.
 * @param {(id: string) => void} take puts in the first of what was found
 * @param {(error: Error) => void} explain
 */
export function openSearch(take, explain) {
  const input = byId("search");
  let timer = 0;
  const find = async () => {
    clearTimeout(timer);
    const number = ++search;
    const words = input.value;
    const ids = await look(words).catch(explain);
    if (!ids || number !== search) return [];
    show(ids);
    byId("found").replaceChildren();
    if (ids.length) return ids;
    await suggestNames(words.trim(), find).catch(explain);
    return [];
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (matching(input.value).length) show(matching(input.value));
    timer = setTimeout(async () => {
      const ids = await find();
      if (ids.length && input.value) say(texts().found(ids.length));
    }, PATIENCE_MS);
  });
  byId("search-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!input.value.trim()) return;
    const [first] = await find();
    if (!first) return;
    input.value = "";
    show(matching(""));
    take(first);
  });
}

/** Say that there is no such ingredient, and offer those whose names are most like it. */
async function suggestNames(words, find) {
  const alike = await listNearest(words, spoken());
  const { meant, unknown } = texts();
  const sentence = alike.length ? meant(words) : unknown(words);
  const choices = alike.map((name) => {
    const click = () => {
      byId("search").value = name;
      byId("search").focus();
      find();
    };
    return make("button", { className: "chip", type: "button", click }, name);
  });
  byId("found").replaceChildren(make("p", {}, sentence), ...choices);
  say([sentence, ...alike].join(" "));
}
