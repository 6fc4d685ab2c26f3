// The ranked list of ingredients that go with the drink. Old suggestions stay, and cannot be used,
// until the new ones arrive.

import { byId, disc, make } from "./dom.js";
import { colourOf } from "./looks.js";
import { percent, texts } from "./texts.js";

/** @typedef {{id: string, probability: number}} Suggestion */

/** @type {Suggestion[] | undefined} */
let suggestions;
let isStale = false;

/** Return the suggestions, or undefined if they are stale. */
export const currentSuggestions = () => (isStale ? undefined : suggestions);

/** Return the suggestion of a rank, from 1, or undefined if the list is stale or shorter. */
export const suggestionAt = (rank) => currentSuggestions()?.[rank - 1];

/** Mark the suggestions as stale or as current. */
export function markSuggestionsStale(stale = true) {
  isStale = stale;
  byId("suggestions").setAttribute("aria-busy", String(stale));
}

/** Remove all suggestions. */
export function clearSuggestions() {
  const hadFocus = byId("suggestions").contains(document.activeElement);
  markSuggestionsStale();
  suggestions = undefined;
  byId("suggestions").replaceChildren();
  if (hadFocus) byId("suggestions-title").focus({ preventScroll: true });
}

/** Move the focus to the best suggestion, or to the heading if there is none. */
export function focusSuggestions() {
  const target = byId("suggestions").querySelector("button") ?? byId("suggestions-title");
  target.focus({ preventScroll: true });
}

/**
 * Show suggestions, best first; the length of each bar is relative to the best one. If the focus is
 * in the list, it stays at its rank, so that the next press of Enter adds the next ingredient.
 * @param {Suggestion[]} ranked
 * @param {(id: string) => string} nameOf
 * @param {(id: string) => void} add
 */
export function drawSuggestions(ranked, nameOf, add) {
  const list = byId("suggestions");
  const rank = [...list.children].findIndex((item) => item.contains(document.activeElement));
  suggestions = ranked;
  const best = Math.max(...ranked.map(({ probability }) => probability));
  const rows = ranked.map((suggestion, index) =>
    row(suggestion, nameOf(suggestion.id), index, best, add),
  );
  list.replaceChildren(...rows);
  markSuggestionsStale(false);
  if (rank < 0) return;
  const target = rows[Math.min(rank, rows.length - 1)]?.firstChild ?? byId("suggestions-title");
  target.focus({ preventScroll: true });
}

function row({ id, probability }, name, index, best, add) {
  const bar = make("span", { className: "bar" });
  bar.style.setProperty("--share", probability / best);
  const click = () => {
    if (!isStale) add(id);
  };
  const button = make(
    "button",
    { className: "suggestion", title: texts().addThis, click },
    make("kbd", { "aria-hidden": "true" }, String(index + 1)),
    disc(colourOf(id)),
    make("span", { className: "name" }, name),
    " ",
    make("span", { className: "share" }, percent(probability)),
    bar,
  );
  return make("li", {}, button);
}
