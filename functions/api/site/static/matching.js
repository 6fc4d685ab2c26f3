// The order of search results: the exact name first, then by the place of the words in the name,
// and among equals the most popular ingredient first.

import { fold, foldedNames } from "./names.js";

const NO_MATCH = 6;

/** Return how well a folded name matches, from 0 for the same name to NO_MATCH. */
function distance(name, wanted, isShown) {
  if (name === wanted) return 0;
  const hidden = isShown ? 0 : 1; // a name that the page does not show
  if (name.startsWith(wanted)) return 1 + hidden;
  if (name.includes(` ${wanted}`)) return 2 + hidden;
  return name.includes(wanted) ? 4 + hidden : NO_MATCH;
}

/**
 * Return the ids that have a name with these words, the best match first.
 * @param {string} words
 * @param {string[]} ids the most popular first
 */
export function matching(words, ids) {
  const wanted = fold(words);
  const rank = (id) =>
    Math.min(...foldedNames(id).map((name, place) => distance(name, wanted, place === 0)));
  return ids
    .map((id) => ({ id, rank: rank(id) }))
    .filter((found) => found.rank < NO_MATCH)
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ id }) => id);
}
