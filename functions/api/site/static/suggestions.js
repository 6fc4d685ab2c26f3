// The ranked list of ingredients that go with the drink.

import { colourOf } from "./colours.js";
import { byId, disc, make } from "./dom.js";
import { percent, texts } from "./texts.js";

/** @typedef {{id: string, probability: number}} Suggestion */

/** @type {Suggestion[] | undefined} */
let suggestions;

const isStale = () => byId("suggestions").inert;

/** Return the suggestions, or undefined if they are stale. */
export const currentSuggestions = () => (isStale() ? undefined : suggestions);

/** Return the suggestion of a rank, from 1, or undefined if the list is stale or shorter. */
export const suggestionAt = (rank) => currentSuggestions()?.[rank - 1];

/** Mark the suggestions as stale: they stay visible, but cannot be used. */
export function markSuggestionsStale() {
  const holder = byId("suggestions");
  if (holder.contains(document.activeElement)) focusSuggestions();
  holder.inert = true;
}

/** Remove all suggestions. */
export function clearSuggestions() {
  markSuggestionsStale();
  suggestions = undefined;
  byId("suggestions").replaceChildren();
}

export function focusSuggestions() {
  byId("suggestions-title").focus({ preventScroll: true });
}

/**
 * Show suggestions, best first; the length of each bar is relative to the best one.
 * @param {Suggestion[]} ranked
 * @param {(id: string) => string} nameOf
 * @param {(id: string) => void} add
 */
export function drawSuggestions(ranked, nameOf, add) {
  suggestions = ranked;
  const best = Math.max(...ranked.map(({ probability }) => probability));
  const rows = ranked.map((suggestion, index) =>
    row(suggestion, nameOf(suggestion.id), index, best, add),
  );
  byId("suggestions").replaceChildren(...rows);
  byId("suggestions").inert = false;
}

function row({ id, probability }, name, index, best, add) {
  const share = percent(probability);
  const bar = make("span", { className: "bar" });
  bar.style.setProperty("--share", `${(probability / best) * 100}%`);
  const button = make(
    "button",
    { "aria-label": texts().accept(name, share), click: () => add(id) },
    make("kbd", { "aria-hidden": "true" }, String(index + 1)),
    disc(colourOf(id)),
    make("span", { className: "name" }, name),
    make("span", { className: "share" }, share),
    bar,
  );
  return make("li", {}, button);
}
