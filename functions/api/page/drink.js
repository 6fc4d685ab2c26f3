// The drink: what is in it, what must not be, and the way back. It is kept in the address.

import { recall, remember } from "./storage.js";

export const MOST = 32; // ingredients, as the API takes them

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
  /** @type {string[]} ids that must not be suggested */
  excluded = recall("excluded", []);
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

  /**
   * Take the drink from the address.
   * @param {(id: string) => boolean} isKnown
   * @returns {{unknown: string[], avoided: string[]}} what it names that cannot be in it
   */
  load(isKnown) {
    this.excluded = this.excluded.filter(isKnown);
    const ids = [...new Set(readHash())];
    const known = ids.filter(isKnown);
    this.ingredients = this.#allowed(known);
    return {
      unknown: ids.filter((id) => !isKnown(id)),
      avoided: known.filter((id) => this.excluded.includes(id)),
    };
  }

  /** Tell whether the address names another drink than this: somebody has followed a link. */
  get isElsewhere() {
    return readHash().join() !== this.ingredients.join();
  }

  /** Put in what is not there yet. */
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
    if (!this.excluded.includes(id)) this.#avoid([...this.excluded, id]);
  }

  allow(id) {
    this.#avoid(this.excluded.filter((other) => other !== id));
  }

  #become(ingredients, isUndo = false) {
    if (!isUndo) this.#before.push(this.ingredients);
    this.ingredients = this.#allowed(ingredients);
    const hash = this.ingredients.map(encodeURIComponent).join();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
    this.dispatchEvent(new Event("change"));
  }

  #avoid(excluded) {
    this.excluded = excluded;
    remember("excluded", excluded);
    this.#become(this.ingredients, true);
  }

  #allowed(ids) {
    return ids.filter((id) => !this.excluded.includes(id)).slice(0, MOST);
  }
}
