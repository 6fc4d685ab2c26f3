// The drink: what is in it, what must not be, and the way back. It is kept in the address.

import { recall, remember } from "./storage.js";

export const MOST = 32; // ingredients, as the API takes them

/** Return the stored exclusions, or undefined if there is no readable list. */
function readExclusions() {
  const stored = recall("excluded", undefined);
  return Array.isArray(stored) ? stored.filter((id) => typeof id === "string") : undefined;
}

/** Read the ids in an address's hash. */
function readHash() {
  const text = location.hash.slice(1);
  try {
    return text.split(",").filter(Boolean).map(decodeURIComponent);
  } catch {
    return [];
  }
}

export class Drink extends EventTarget {
  /** @type {string[]} ids, from the bottom of the glass */
  ingredients = [];
  /** @type {string[]} ids that must not be in the drink; the vocabulary may not know all of them */
  excluded = readExclusions() ?? [];
  /** Whether the browser stores the exclusions. If not, they last as long as this page. */
  isStored = true;
  #isLoaded = false;
  #before = [];

  get canUndo() {
    return this.#before.length > 0;
  }

  get isFull() {
    return this.ingredients.length >= MOST;
  }

  has(id) {
    return this.ingredients.includes(id);
  }

  isExcluded(id) {
    return this.excluded.includes(id);
  }

  /**
   * Take the drink from the address.
   * @param {(id: string) => boolean} isKnown
   * @returns {{unknown: string[], excluded: string[]}} ids in the address that were left out
   */
  load(isKnown) {
    this.#isLoaded = true;
    this.excluded = this.#newestExclusions();
    const ids = [...new Set(readHash())];
    const known = ids.filter(isKnown);
    this.ingredients = this.#allowed(known);
    return {
      unknown: ids.filter((id) => !isKnown(id)),
      excluded: known.filter((id) => this.isExcluded(id)),
    };
  }

  /** Tell whether the address names another drink than this: somebody has followed a link. */
  get isElsewhere() {
    return readHash().join() !== this.ingredients.join();
  }

  /** Add ingredients, except those that are excluded in this or another tab. */
  add(...ids) {
    this.#become([...new Set([...this.ingredients, ...ids])]);
  }

  remove(id) {
    this.#become(this.ingredients.filter((other) => other !== id));
  }

  clear() {
    this.#become([]);
  }

  undo() {
    const before = this.#before.pop();
    if (before) this.#become(before, true);
  }

  exclude(id) {
    this.#avoid([...new Set([...this.#newestExclusions(), id])]);
  }

  allow(id) {
    this.#avoid(this.#newestExclusions().filter((other) => other !== id));
  }

  /** Adopt the exclusions that another tab has stored. */
  refreshExclusions() {
    if (!this.#isLoaded || this.#newestExclusions().join() === this.excluded.join()) return;
    this.#become(this.ingredients, true);
  }

  #newestExclusions() {
    return (this.isStored && readExclusions()) || this.excluded;
  }

  /** Replace the ingredients; the event names the excluded ones that were left out. */
  #become(wanted, isUndo = false) {
    this.excluded = this.#newestExclusions();
    const ingredients = this.#allowed(wanted);
    if (!isUndo && ingredients.join() !== this.ingredients.join()) this.#before.push(this.ingredients);
    this.ingredients = ingredients;
    const hash = this.ingredients.map(encodeURIComponent).join();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
    const detail = wanted.filter((id) => this.isExcluded(id));
    this.dispatchEvent(new CustomEvent("change", { detail }));
  }

  #avoid(excluded) {
    this.excluded = excluded;
    this.isStored = remember("excluded", excluded);
    this.#become(this.ingredients, true);
  }

  #allowed(ids) {
    return ids.filter((id) => !this.isExcluded(id)).slice(0, MOST);
  }
}
