// The drink: its ingredients, which the page keeps in its address, and the excluded ones.

import { isInGroup, isGroup } from "./groups.js";
import { idOf } from "./names.js";
import { loadSetting, saveSetting } from "./storage.js";

export const MAX_INGREDIENTS = 32; // the API's limit

/** Return the stored exclusions, or undefined if there is no readable list. */
function readExclusions() {
  const stored = loadSetting("excluded", undefined);
  return Array.isArray(stored) ? stored.filter((id) => typeof id === "string") : undefined;
}

/**
 * Return the ids in the address, or none if the address is malformed. It may have names of
 * any language; an unknown name stays as it is.
 */
function readAddress() {
  const text = location.hash.slice(1);
  try {
    const names = text.split(",").filter(Boolean).map(decodeURIComponent);
    return [...new Set(names.map((name) => idOf(name) ?? name))];
  } catch {
    return [];
  }
}

/** Return the part of an address that contains a drink. */
export const addressOf = (ids) => (ids.length ? `#${ids.map(encodeURIComponent).join()}` : "");

/** Fires "change" with the ids that were wanted but are excluded. */
export class Drink extends EventTarget {
  /** @type {string[]} ids, from the bottom of the glass */
  ingredients = [];
  /** @type {string[]} ids and groups of any model version; the current one may lack some */
  excluded = readExclusions() ?? [];
  /** Whether the browser stores the exclusions. If not, they last as long as this page. */
  isStored = true;
  /** @type {string[]} ids that are left out of this drink only, because its recipe says so */
  without = [];
  #isLoaded = false;
  /** @type {string[][]} */
  #past = [];
  /** @type {string[][]} */
  #future = [];
  /** @type {Map<string, number>} wanted but excluded ids, with their places in the drink */
  #displaced = new Map();

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
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
    this.without = [];
    this.excluded = this.#newestExclusions();
    const ids = readAddress();
    const known = ids.filter(isKnown);
    this.ingredients = this.#allowed(known);
    this.#displaced.clear();
    return { unknown: ids.filter((id) => !isKnown(id)), excluded: this.#displace(known) };
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

  /** Replace all ingredients. A recipe may leave out others, too. */
  pour(ids, without = []) {
    this.without = without;
    this.#displaced.clear();
    this.#replace([...new Set(ids)]);
  }

  undo() {
    this.#step(this.#past, this.#future);
  }

  redo() {
    this.#step(this.#future, this.#past);
  }

  /** Leave ingredients out of this drink only. */
  leaveOut(ids) {
    this.without = ids;
    this.#replace(this.ingredients, { keepHistory: false });
  }

  /** Exclude an ingredient or a group. */
  exclude(key) {
    this.#setExcluded([...new Set([...this.#newestExclusions(), key])]);
    this.#replace(this.ingredients, { keepHistory: false });
  }

  /** Allow an ingredient or a group again, and put back what it kept out of the glass. */
  allow(key) {
    this.#setExcluded(this.#newestExclusions().filter((other) => other !== key));
    const wanted = [...this.ingredients];
    for (const [id, place] of this.#displaced) {
      if (this.isExcluded(id)) continue;
      this.#displaced.delete(id);
      if (!wanted.includes(id)) wanted.splice(place, 0, id);
    }
    this.#replace(wanted);
  }

  /** Adopt the exclusions that another tab has stored. */
  refreshExclusions() {
    if (!this.#isLoaded || this.#newestExclusions().join() === this.excluded.join()) return;
    this.#replace(this.ingredients, { keepHistory: false });
  }

  #newestExclusions() {
    return (this.isStored && readExclusions()) || this.excluded;
  }

  #step(from, to) {
    const wanted = from.pop();
    if (!wanted) return;
    to.push(this.ingredients);
    this.#replace(wanted, { keepHistory: false });
  }

  #replace(wanted, { keepHistory = true } = {}) {
    this.excluded = this.#newestExclusions();
    const ingredients = this.#allowed(wanted);
    if (keepHistory && ingredients.join() !== this.ingredients.join()) {
      this.#past.push(this.ingredients);
      this.#future = [];
    }
    this.ingredients = ingredients;
    const address = addressOf(ingredients) || location.pathname + location.search;
    history.replaceState(null, "", address);
    this.dispatchEvent(new CustomEvent("change", { detail: this.#displace(wanted) }));
  }

  /** Remember which ids were wanted but are excluded, and return them. */
  #displace(wanted) {
    const displaced = wanted.filter((id) => this.isExcluded(id));
    for (const id of displaced) this.#displaced.set(id, wanted.indexOf(id));
    return displaced;
  }

  #setExcluded(excluded) {
    this.excluded = excluded;
    this.isStored = saveSetting("excluded", excluded);
  }

  #allowed(ids) {
    return ids.filter((id) => !this.isExcluded(id)).slice(0, MAX_INGREDIENTS);
  }
}
