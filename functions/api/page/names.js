// The names of the ingredients in the language of the page.

import { listIngredients } from "./api.js";
import { byId } from "./dom.js";

let names = new Map();
let ids = new Map();

/** @param {string} id */
export const nameOf = (id) => names.get(id) ?? id;

/** @param {string} name in whatever case */
export const idOf = (name) => ids.get(name.trim().toLocaleLowerCase());

/** @param {string} id */
export const isKnown = (id) => names.has(id);

/** Learn the names in a language; returns the ingredients as the API lists them. */
export async function learn(language) {
  const ingredients = await listIngredients(language);
  names = new Map(ingredients.map(({ id, name }) => [id, name]));
  ids = new Map(ingredients.map(({ id, name }) => [name.toLocaleLowerCase(), id]));
  const options = ingredients.map(({ name }) => new Option(name, name));
  byId("names").replaceChildren(...options);
  return ingredients;
}
