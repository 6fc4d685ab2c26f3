// The search over the shelf. An excluded best match is named and never replaced by the next match.

import { describeUnknown, listIngredients } from "./api.js";
import { byId, make, say } from "./dom.js";
import { allow } from "./exclusions.js";
import { groupName, isGroup } from "./groups.js";
import { fold, nameOf } from "./names.js";
import { matching, showOnShelf } from "./shelf.js";
import { currentLanguage, texts } from "./texts.js";

const TYPING_PAUSE_MS = 300;

/** @type {import("./drink.js").Drink} */
let drink;
/** The latest result: the words and all matching ids, including excluded ones. */
let shown = { words: "", ids: [] };
let latestSearch = 0;

/** Empty the field and show the whole shelf. */
export function clearSearch() {
  latestSearch += 1; // discards an answer that is still to come
  byId("search").value = "";
  byId("search-message").replaceChildren();
  show("", matching(""));
}

/** Draw the latest search again, since the exclusions may have changed. */
export function drawSearch() {
  show(shown.words, shown.ids);
}

function show(words, ids) {
  shown = { words, ids };
  showOnShelf(ids.filter((id) => !drink.isExcluded(id)));
  const [best] = ids;
  if (fold(words) && best && drink.isExcluded(best)) showExcluded(best);
  else if (ids.length) byId("search-message").replaceChildren();
}

/** Say that the best match is excluded, and offer to allow it again. */
function showExcluded(id) {
  const sentence = make("p", {}, texts().isExcluded(nameOf(id)));
  byId("search-message").replaceChildren(sentence, ...drink.exclusionsOf(id).map(allowButton));
}

function allowButton(key) {
  const name = isGroup(key) ? groupName(key) : nameOf(key);
  const click = () => allow(drink, key, name, byId("search"));
  return make("button", { className: "chip", type: "button", click }, texts().allow(name));
}

/** Return the ids of matching ingredients. The API knows more names than the shelf shows. */
async function lookUp(words) {
  const here = matching(words);
  if (here.length) return here;
  const found = await listIngredients(currentLanguage(), words.trim());
  return found.map(({ id }) => id);
}

/**
 * Set up the search.
 * @param {import("./drink.js").Drink} currentDrink
 * @param {(id: string) => void} add
 * @param {(error: Error) => void} showError
 */
export function setUpSearch(currentDrink, add, showError) {
  drink = currentDrink;
  const input = byId("search");
  let timer = 0;
  const find = async () => {
    clearTimeout(timer);
    const number = ++latestSearch;
    const words = input.value;
    const ids = await lookUp(words).catch(showError);
    if (!ids || number !== latestSearch) return [];
    drink.refreshExclusions();
    show(words, ids);
    if (!ids.length) await suggestNames(words.trim(), find).catch(showError);
    return ids;
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    const ids = matching(input.value);
    if (ids.length) show(input.value, ids);
    timer = setTimeout(async () => announce(await find()), TYPING_PAUSE_MS);
  });
  byId("search-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!fold(input.value)) return;
    const ids = await find();
    const [best] = ids;
    if (!best) return;
    if (drink.isExcluded(best)) {
      announce(ids);
      return;
    }
    clearSearch();
    add(best);
  });
}

/** Announce the result of a search. */
function announce(ids) {
  if (!ids.length || !fold(byId("search").value)) return;
  const [best] = ids;
  const count = ids.filter((id) => !drink.isExcluded(id)).length;
  const sentences = [
    drink.isExcluded(best) ? texts().isExcluded(nameOf(best)) : "",
    count ? texts().found(count) : "",
  ];
  say(sentences.filter(Boolean).join(" "));
}

/** Say that no ingredient has this name, and why or which names are similar. */
async function suggestNames(words, find) {
  const number = latestSearch;
  const { nearest: similar, alcohol } = await describeUnknown(words, currentLanguage());
  if (number !== latestSearch) return;
  const { didYouMean, noAlcohol, noMatch } = texts();
  const sentence = (alcohol ? noAlcohol : similar.length ? didYouMean : noMatch)(words);
  const choices = similar.map((name) => {
    const click = () => {
      byId("search").value = name;
      byId("search").focus();
      find();
    };
    return make("button", { className: "chip", type: "button", click }, name);
  });
  byId("search-message").replaceChildren(make("p", {}, sentence), ...choices);
  say([sentence, ...similar].join(" "));
}
