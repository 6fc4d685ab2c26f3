// The ranked list of what goes with the drink.

import { colourOf } from "./colours.js";
import { byId, disc, make } from "./dom.js";
import { percent, texts } from "./texts.js";

/** @typedef {{id: string, probability: number}} Suggestion */

/** @type {Suggestion[]} */
let offered;

/** Return the suggestion of that rank, from 1, unless the list is out of date. */
export const suggestionAt = (rank) => (isStale() ? undefined : offered?.[rank - 1]);

/** Return all suggestions, or nothing where they are out of date. */
export const offers = () => (isStale() ? undefined : offered);

const isStale = () => byId("suggestions").inert;

/** Mark the list as out of date: it stays to be seen, but nothing can be taken from it. */
export function expire() {
  const holder = byId("suggestions");
  if (holder.contains(document.activeElement)) focusSuggestions();
  holder.inert = true;
}

/** Take the list away. */
export function clearOffer() {
  expire();
  offered = undefined;
  byId("suggestions").replaceChildren();
}

export function focusSuggestions() {
  byId("suggestions-title").focus({ preventScroll: true });
}

/**
 * Show suggestions, best first; the bars are relative to the best.
 * @param {Suggestion[]} suggestions
 * @param {(id: string) => string} nameOf
 * @param {(id: string) => void} accept
 */
export function offer(suggestions, nameOf, accept) {
  offered = suggestions;
  const best = Math.max(...suggestions.map(({ probability }) => probability));
  const rows = suggestions.map((suggestion, index) =>
    row(suggestion, nameOf(suggestion.id), index, best, accept),
  );
  byId("suggestions").replaceChildren(...rows);
  byId("suggestions").inert = false;
}

function row({ id, probability }, name, index, best, accept) {
  const share = percent(probability);
  const bar = make("span", { className: "bar" });
  bar.style.setProperty("--share", `${(probability / best) * 100}%`);
  bar.style.setProperty("--colour", colourOf(id));
  const button = make(
    "button",
    { "aria-label": texts().accept(name, share), click: () => accept(id) },
    make("kbd", { "aria-hidden": "true" }, String(index + 1)),
    disc(colourOf(id)),
    make("span", { className: "name" }, name),
    make("span", { className: "share" }, share),
    bar,
  );
  return make("li", {}, button);
}
