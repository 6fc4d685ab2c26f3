// The drink: its ingredients, which the page keeps in its address, and the excluded ones.

import { isInGroup, isGroup } from "./groups.js";
import { loadSetting, saveSetting } from "./storage.js";

export const MAX_INGREDIENTS = 32; // the API's limit

/** Return the stored exclusions, or undefined if there is no readable list. */
function readExclusions() {
  const stored = loadSetting("excluded", undefined);
  return Array.isArray(stored) ? stored.filter((id) => typeof id === "string") : undefined;
}

/** Return the ids in the address, or none if the address is malformed. */
function readAddress() {
  const text = location.hash.slice(1);
  try {
    return text.split(",").filter(Boolean).map(decodeURIComponent);
  } catch {
    return [];
  }
}

/** Fires "change" with the ids that were wanted but are excluded. */
export class Drink extends EventTarget {
  /** @type {string[]} ids, from the bottom of the glass */
  ingredients = [];
  /** @type {string[]} ids and groups of any model version; the current one may lack some */
  excluded = readExclusions() ?? [];
  /** Whether the browser stores the exclusions. If not, they last as long as this page. */
  isStored = true;
  #isLoaded = false;
  /** @type {string[][]} */
  #history = [];

  get canUndo() {
    return this.#history.length > 0;
  }

  get isFull() {
    return this.ingredients.length >= MAX_INGREDIENTS;
  }

  has(id) {
    return this.ingredients.includes(id);
  }

  isExcluded(id) {
    return this.exclusionsOf(id).length > 0;
  }

  /** Return what excludes an ingredient: its id, and groups. */
  exclusionsOf(id) {
    return this.excluded.filter((key) => (isGroup(key) ? isInGroup(id, key) : key === id));
  }

  /**
   * Load the ingredients from the address.
   * @param {(id: string) => boolean} isKnown
   * @returns {{unknown: string[], excluded: string[]}} ids in the address that were left out
   */
  load(isKnown) {
    this.#isLoaded = true;
    this.excluded = this.#newestExclusions();
    const ids = [...new Set(readAddress())];
    const known = ids.filter(isKnown);
    this.ingredients = this.#allowed(known);
    return {
      unknown: ids.filter((id) => !isKnown(id)),
      excluded: known.filter((id) => this.isExcluded(id)),
    };
  }

  /** Whether the address contains another drink, for example because the user followed a link. */
  get differsFromAddress() {
    return readAddress().join() !== this.ingredients.join();
  }

  /** Add ingredients, except those that are excluded in this or another tab. */
  add(...ids) {
    this.#replace([...new Set([...this.ingredients, ...ids])]);
  }

  remove(id) {
    this.#replace(this.ingredients.filter((other) => other !== id));
  }

  clear() {
    this.#replace([]);
  }

  undo() {
    const previous = this.#history.pop();
    if (previous) this.#replace(previous, { keepHistory: false });
  }

  /** Exclude an ingredient or a group. */
  exclude(key) {
    this.#setExcluded([...new Set([...this.#newestExclusions(), key])]);
  }

  allow(key) {
    this.#setExcluded(this.#newestExclusions().filter((other) => other !== key));
  }

  /** Adopt the exclusions that another tab has stored. */
  refreshExclusions() {
    if (!this.#isLoaded || this.#newestExclusions().join() === this.excluded.join()) return;
    this.#replace(this.ingredients, { keepHistory: false });
  }

  #newestExclusions() {
    return (this.isStored && readExclusions()) || this.excluded;
  }

  #replace(wanted, { keepHistory = true } = {}) {
    this.excluded = this.#newestExclusions();
    const ingredients = this.#allowed(wanted);
    const isChanged = ingredients.join() !== this.ingredients.join();
    if (keepHistory && isChanged) this.#history.push(this.ingredients);
    this.ingredients = ingredients;
    const hash = ingredients.map(encodeURIComponent).join();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
    const detail = wanted.filter((id) => this.isExcluded(id));
    this.dispatchEvent(new CustomEvent("change", { detail }));
  }

  #setExcluded(excluded) {
    this.excluded = excluded;
    this.isStored = saveSetting("excluded", excluded);
    this.#replace(this.ingredients, { keepHistory: false });
  }

  #allowed(ids) {
    return ids.filter((id) => !this.isExcluded(id)).slice(0, MAX_INGREDIENTS);
  }
}
