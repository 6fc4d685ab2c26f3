// The shelf: each ingredient is a button that adds it to the drink or removes it. Tabs select the
// part of the shelf that is shown.

import { byId, disc, make } from "./dom.js";
import { colourOf, lookOf } from "./looks.js";
import { nameOf } from "./names.js";
import { addRovingFocus, restoreTabStop } from "./roving_focus.js";
import { currentLanguage, texts } from "./texts.js";

const POPULAR = 28;
const MAX_HITS = 40;

/** @type {Map<string, HTMLButtonElement>} */
let buttons = new Map();
/** @type {(id: string) => HTMLButtonElement} */
let makeButton;
/** @type {Map<string, string[]>} the ids in each tab */
let tabs = new Map();
/** @type {string[]} all ids, the most popular first */
let popular = [];
let currentTab = "";
/** @type {string[] | null} the results of a search, which replace the tab */
let hits = null;

/** Return all ids, the most popular first. */
export const idsByPopularity = () => popular;

/** Fill the shelf with ingredients as the API lists them. */
export function fillShelf(ingredients, toggle, redraw) {
  const byName = (a, b) => (a.name < b.name ? -1 : 1);
  const sorted = ingredients.toSorted((a, b) => (b.drinks ?? 0) - (a.drinks ?? 0) || byName(a, b));
  popular = sorted.map(({ id }) => id);
  buttons = new Map();
  makeButton = (id) => ingredientButton(id, nameOf(id), toggle);
  tabs = new Map(sortedTabs(sorted));
  tabs.set("all", popular);
  if (!tabs.has(currentTab)) [currentTab] = tabs.keys();
  const choose = (tab) => {
    currentTab = tab;
    redraw();
  };
  byId("tabs").replaceChildren(...[...tabs.keys()].map((tab) => tabButton(tab, choose)));
  restoreTabStop(byId("tabs"));
}

/** Return the tabs with their ids: popular ingredients, then the shelves, the fullest one first. */
function sortedTabs(sorted) {
  const shelves = Map.groupBy(sorted, ({ id }) => lookOf(id).shelf);
  const weight = (shelf) => shelf.reduce((sum, { drinks }) => sum + (drinks ?? 0), 0);
  const entries = [...shelves].toSorted(([, a], [, b]) => weight(b) - weight(a));
  const first = sorted.filter(({ drinks }) => drinks).slice(0, POPULAR);
  const all = first.length ? [["popular", first], ...entries] : entries;
  return all.map(([tab, found]) => [tab, found.map(({ id }) => id)]);
}

function ingredientButton(id, name, toggle) {
  const click = () => toggle(id);
  return make("button", { className: "ingredient", click }, disc(colourOf(id)), name);
}

function tabButton(tab, choose) {
  const { shelves } = texts();
  const click = () => choose(tab);
  return make("button", { className: "tab", id: `tab-${tab}`, click }, shelves[tab] ?? tab);
}

/** Let the arrow keys move within the tabs and within the ingredients. */
export function setUpShelf() {
  addRovingFocus(byId("tabs"));
  addRovingFocus(byId("ingredients"));
}

/** Show the results of a search, best first; or the current tab again, if there are none. */
export function showHits(ids) {
  hits = ids;
}

/** Return the ids in a tab. "all" is sorted only when it is shown: a first collator takes long. */
function idsIn(tab) {
  const ids = tabs.get(tab) ?? [];
  if (tab !== "all") return ids;
  const { compare } = new Intl.Collator(currentLanguage());
  return ids.toSorted((a, b) => compare(nameOf(a), nameOf(b)));
}

/** Draw the shelf without what is excluded, and mark the ingredients in the drink as pressed. */
export function drawShelf(drink) {
  const ids = hits ?? idsIn(currentTab);
  const allowed = ids.filter((id) => !drink.isExcluded(id));
  const shown = hits ? allowed.slice(0, MAX_HITS) : allowed;
  for (const id of shown) {
    if (!buttons.has(id)) buttons.set(id, makeButton(id)); // most are never shown
    buttons.get(id).setAttribute("aria-pressed", String(drink.has(id)));
    buttons.get(id).classList.toggle("best", id === hits?.[0]);
  }
  fill(
    byId("ingredients"),
    shown.map((id) => buttons.get(id)),
  );
  for (const tab of byId("tabs").children) {
    tab.setAttribute("aria-pressed", String(!hits && tab.id === `tab-${currentTab}`));
  }
  byId("rest").textContent = texts().hiddenHits(allowed.length - shown.length);
}

/** Put buttons into a toolbar, unless it has just these; the focus stays where it is. */
function fill(toolbar, wanted) {
  const { children } = toolbar;
  const isSame = wanted.length === children.length && wanted.every((at, i) => children[i] === at);
  if (isSame) return;
  const focused = document.activeElement;
  toolbar.replaceChildren(...wanted);
  if (wanted.includes(focused)) focused.focus({ preventScroll: true });
  restoreTabStop(toolbar);
}

/** Return the name of the ingredient that Enter takes, or "" if the best match is excluded. */
export const bestHit = (drink) =>
  hits?.length && !drink.isExcluded(hits[0]) ? nameOf(hits[0]) : "";
