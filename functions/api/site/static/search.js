// The search over the shelf. An excluded best match is named and never replaced by the next match.

import { listIngredients, listNearest } from "./api.js";
import { byId, make, say } from "./dom.js";
import { allow } from "./exclusions.js";
import { fold, nameOf } from "./names.js";
import { matching, showOnShelf } from "./shelf.js";
import { spoken, texts } from "./texts.js";

const TYPING_PAUSE_MS = 300;

/** @type {import("./drink.js").Drink} */
let drink;
/** What the shelf shows: the ids that were found for these words, excluded ones included. */
let shown = { words: "", ids: [] };
let searches = 0;

/** Empty the field and show the whole shelf. */
export function clearSearch() {
  searches += 1; // an answer that is still on its way is out of date
  byId("search").value = "";
  byId("found").replaceChildren();
  show("", matching(""));
}

/** Show what was found again; the exclusions may have changed. */
export function drawSearch() {
  show(shown.words, shown.ids);
}

function show(words, ids) {
  shown = { words, ids };
  showOnShelf(ids.filter((id) => !drink.isExcluded(id)));
  const [best] = ids;
  if (fold(words) && best && drink.isExcluded(best)) showExcluded(best);
  else if (ids.length) byId("found").replaceChildren();
}

/** Say that the best match is excluded, and offer to allow it again. */
function showExcluded(id) {
  const name = nameOf(id);
  const click = () => allow(drink, id, name, byId("search"));
  const button = make("button", { className: "chip", type: "button", click }, texts().allow(name));
  byId("found").replaceChildren(make("p", {}, texts().isExcluded(name)), button);
}

/** Return the ids of the ingredients that the words mean; the API knows more names than the shelf. */
async function lookUp(words) {
  const here = matching(words);
  if (here.length) return here;
  const found = await listIngredients(spoken(), words.trim());
  return found.map(({ id }) => id);
}

/**
 * Make the search work.
 * @param {import("./drink.js").Drink} searched the drink whose exclusions hold
 * @param {(id: string) => void} add
 * @param {(error: Error) => void} explain
 */
export function openSearch(searched, add, explain) {
  drink = searched;
  const input = byId("search");
  let timer = 0;
  const find = async () => {
    clearTimeout(timer);
    const number = ++searches;
    const words = input.value;
    const ids = await lookUp(words).catch(explain);
    if (!ids || number !== searches) return [];
    drink.refreshExclusions();
    show(words, ids);
    if (!ids.length) await suggestNames(words.trim(), find).catch(explain);
    return ids;
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    const ids = matching(input.value);
    if (ids.length) show(input.value, ids);
    timer = setTimeout(async () => report(await find()), TYPING_PAUSE_MS);
  });
  byId("search-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!input.value.trim()) return;
    const ids = await find();
    const [best] = ids;
    if (!best) return;
    if (drink.isExcluded(best)) {
      report(ids);
      return;
    }
    clearSearch();
    add(best);
  });
}

/** Announce what was found. */
function report(ids) {
  if (!ids.length || !byId("search").value.trim()) return;
  const [best] = ids;
  const count = ids.filter((id) => !drink.isExcluded(id)).length;
  const sentences = [
    drink.isExcluded(best) ? texts().isExcluded(nameOf(best)) : "",
    count ? texts().found(count) : "",
  ];
  say(sentences.filter(Boolean).join(" "));
}

/** Say that there is no such ingredient, and offer those with the most similar names. */
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
