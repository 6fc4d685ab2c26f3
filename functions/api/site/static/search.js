// The search over the shelf. An excluded best match is named and never replaced by the next match.

import { describeUnknown } from "./api.js";
import { byId, make, say } from "./dom.js";
import { allowButtons } from "./exclusions.js";
import { matching } from "./matching.js";
import { fold, nameOf } from "./names.js";
import { bestHit, drawShelf, idsByPopularity, showHits } from "./shelf.js";
import { suggestionAt } from "./suggestions.js";
import { currentLanguage, texts } from "./texts.js";

const TYPING_PAUSE_MS = 300;

/** @type {import("./drink.js").Drink} */
let drink;
/** @type {(error: Error) => void} */
let showError;
/** The latest result: the words and all matching ids, including excluded ones. */
let shown = { words: "", ids: [] };
let latestSearch = 0;

/** Empty the field and show the tab again. */
export function clearSearch() {
  byId("search").value = "";
  find();
}

/** Draw the latest search again, since the exclusions may have changed. */
export function drawSearch() {
  const { words, ids } = shown;
  showHits(words ? ids : null);
  drawShelf(drink);
  const best = bestHit(drink);
  const { enterAdds, searchHint } = texts();
  byId("search-hint").textContent = best ? enterAdds(best) : words ? "" : searchHint;
  if (words && !ids.length) return; // the message names what is similar
  const isRefused = words && drink.isExcluded(ids[0]);
  byId("search-message").replaceChildren(...(isRefused ? excludedMessage(ids[0]) : []));
}

/** Say that the best match is excluded, and offer to allow it again. */
function excludedMessage(id) {
  const sentence = make("p", {}, texts().isExcluded(nameOf(id)));
  return [sentence, ...allowButtons(drink, [id], byId("search"))];
}

/** Search for the words in the field, and return the matching ids. */
function find() {
  latestSearch += 1; // discards names that are still to come
  const words = byId("search").value;
  shown = { words: fold(words), ids: [] };
  if (shown.words) shown.ids = matching(words, idsByPopularity());
  drawSearch();
  return shown.ids;
}

/** Search again, since the names are in another language. */
export function repeatSearch() {
  byId("search-message").replaceChildren();
  if (byId("search").value) findAndSay();
  else find();
}

/** Search, and announce what was found or why nothing was. */
async function findAndSay() {
  if (find().length) announce();
  else if (shown.words) await suggestNames(byId("search").value.trim()).catch(showError);
}

/**
 * Set up the search.
 * @param {import("./drink.js").Drink} currentDrink
 * @param {(id: string) => void} add
 * @param {(error: Error) => void} show shows an error
 */
export function setUpSearch(currentDrink, add, show) {
  drink = currentDrink;
  showError = show;
  const input = byId("search");
  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    find();
    timer = setTimeout(findAndSay, TYPING_PAUSE_MS);
  });
  byId("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    drink.refreshExclusions();
    const [best] = find();
    if (!shown.words) {
      const suggestion = input.value ? undefined : suggestionAt(1);
      if (suggestion) add(suggestion.id);
      return;
    }
    if (!best || drink.isExcluded(best)) {
      findAndSay();
      return;
    }
    clearSearch();
    add(best);
  });
}

/** Announce the result of a search. */
function announce() {
  const { ids } = shown;
  const count = ids.filter((id) => !drink.isExcluded(id)).length;
  const sentences = [
    drink.isExcluded(ids[0]) ? texts().isExcluded(nameOf(ids[0])) : "",
    count ? texts().found(count) : "",
  ];
  say(sentences.filter(Boolean).join(" "));
}

/** Say that no ingredient has this name, and why or which names are similar. */
async function suggestNames(words) {
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
